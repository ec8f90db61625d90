import type { Schemas } from "@/api/client";
import { saveFile, toCsv } from "@/shared/csv";
import type { Cycle } from "./cycles";

const METRICS = [
  "mae",
  "trim_mae",
  "rmse",
  "wape",
  "routing_mae",
  "process_match",
  "exact_match",
  "exact_route",
  "work_centre_match",
  "outsourcing_success",
  "cv",
  "actual_cv",
  "coverage",
  "total_coverage",
] as const;

/** The cycles that are shown, with the backend's own names: a row each. */
export function cyclesCsv(cycles: readonly Cycle[]): string {
  const header = [
    ...["cycle_id", "created_at", "status", "model_version", "data_cutoff"],
    ...METRICS.flatMap((metric) => [metric, `${metric}_low`, `${metric}_high`]),
    ...["mae_floor", "process_match_ceiling", "items", "operations", "window_start", "window_end"],
    ...["strategy", "sample_size", "seed", "alerts", "drift_findings", "trigger_action"],
  ];
  return toCsv(header, cycles.map(rowOf));
}

function rowOf(cycle: Cycle) {
  const figures = METRICS.flatMap((metric) => {
    const [low, high] = cycle.intervals?.[metric] ?? [];
    return [cycle[metric], low, high];
  });
  const { sample_count: count, window, sampling, limits, drift } = cycle;
  return [
    ...[cycle.cycle_id, cycle.created_at, cycle.status, cycle.model_version, cycle.data_cutoff],
    ...figures,
    ...[limits?.mae_floor, limits?.process_match_ceiling, count.items, count.operations, window.start, window.end],
    ...[sampling.strategy, sampling.sample_size, sampling.seed, cycle.alerts.length],
    ...[drift ? drift.errors.length + drift.inputs.length : null, cycle.trigger?.action],
  ];
}

export function saveCyclesCsv(cycles: readonly Cycle[]): void {
  saveFile("quality_cycles.csv", cyclesCsv(cycles));
}

/** The same cycles whole, with the alerts that are shown. */
export function saveCyclesJson(cycles: readonly Cycle[], alerts: readonly Schemas["StoredAlert"][]): void {
  saveFile("quality_cycles.json", JSON.stringify({ cycles, alerts }, null, 2), "application/json");
}
