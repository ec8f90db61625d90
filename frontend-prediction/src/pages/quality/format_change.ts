import { formatMetric } from "@/shared/metrics";

/** +0.31 min, −2.4 %: how much a metric rose or fell, with its sign. */
export function formatChange(metric: string, change: number): string {
  const size = formatMetric(metric, Math.abs(change));
  return change === 0 ? size : `${change > 0 ? "+" : "−"}${size}`;
}
