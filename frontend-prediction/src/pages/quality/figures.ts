import { formatFixed } from "@/shared/format";
import { formatMetric, SHARES } from "@/shared/metrics";

/** +0.31 min, −2.4 %: how much a metric rose or fell, with its sign. */
export function formatChange(metric: string, change: number): string {
  const size = formatMetric(metric, Math.abs(change));
  return change === 0 ? size : `${change > 0 ? "+" : "−"}${size}`;
}

/** 5.22 – 8.39 min: an interval of a metric, its unit once. */
export function intervalEnds(metric: string, low: number, high: number): { low: string; high: string } {
  const plain = SHARES.has(metric) ? formatFixed(100 * low, 1) : formatFixed(low, metric === "cv" ? 3 : 2);
  return { low: plain, high: formatMetric(metric, high) };
}
