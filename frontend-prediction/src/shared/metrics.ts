import i18next from "i18next";
import type { Schemas } from "@/api/client";
import type { Korean } from "@/i18n/ko";
import { formatMinutes, formatNumber, formatPercent } from "./format";

export type MetricName = keyof Korean["metrics"];
type Cycle = Schemas["CycleSummary"];

/** The headline figures of a cycle, in the order in which they are shown. */
export const HEADLINES: readonly MetricName[] = [
  "mae",
  "trim_mae",
  "rmse",
  "process_match",
  "outsourcing_success",
  "cv",
];

/** Whether this is one of the metrics that have a name here; the backend knows more. */
export function isMetric(name: string): name is MetricName {
  return i18next.exists(`${name}.name`, { ns: "metrics" });
}

/** Those that are shares between 0 and 1, shown in per cent. */
export const SHARES: ReadonlySet<string> = new Set(["process_match", "outsourcing_success"]);
/** Those that config/iter_training.yaml sets a threshold for. */
const WITH_THRESHOLD = new Set<string>(["mae", "process_match", "cv"]);

/** A metric's value with its unit: minutes, per cent, or a ratio. */
export function formatMetric(metric: string, value: number | null | undefined): string {
  if (SHARES.has(metric)) return formatPercent(value);
  return metric === "cv" ? formatNumber(value, 3) : formatMinutes(value, 2);
}

export type Grade = "notEvaluated" | "critical" | "warning" | "noBreach" | "noThreshold";

/** What a cycle says of one metric: breached, and how badly, or not; nothing where it was not computed. */
export function gradeOf(metric: MetricName, cycle: Cycle | null): { grade: Grade; threshold: number | null } {
  if (cycle?.[metric] == null) return { grade: "notEvaluated", threshold: null };
  const alert = cycle.alerts.find((one) => one.metric === metric);
  if (alert) return { grade: alert.severity === "critical" ? "critical" : "warning", threshold: alert.threshold };
  return { grade: WITH_THRESHOLD.has(metric) ? "noBreach" : "noThreshold", threshold: null };
}
