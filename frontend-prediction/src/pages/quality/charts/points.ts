import { formatDay } from "@/shared/format";
import type { Cycle } from "../cycles";

/** One cycle as the charts draw it. */
export interface ChartPoint {
  /** Place on the axis; cycles stand at equal distances. */
  index: number;
  cycle: Cycle;
  day: string;
  mae: number | null;
  trim_mae: number | null;
  rmse: number | null;
  floor: number | null;
  process_match: number | null;
  ceiling: number | null;
  cv: number | null;
  actual_cv: number | null;
  /** How many findings of drift the cycle before did not have: one is found again every day for four weeks. */
  drift: number;
  alerts: number;
}

/** Cycles in their order of time; backtests are left out, because they judge on other work. */
export function pointsOf(cycles: readonly Cycle[]): ChartPoint[] {
  return cycles
    .filter((cycle) => cycle.status !== "backtest")
    .sort((one, other) => one.created_at.localeCompare(other.created_at))
    .map((cycle, index, all) => ({
      index,
      cycle,
      day: formatDay(cycle.created_at),
      mae: cycle.mae,
      trim_mae: cycle.trim_mae,
      rmse: cycle.rmse,
      floor: cycle.limits?.mae_floor ?? null,
      process_match: cycle.process_match,
      ceiling: cycle.limits?.process_match_ceiling ?? null,
      cv: cycle.cv,
      actual_cv: cycle.actual_cv,
      drift: newFindings(cycle, all[index - 1]),
      alerts: cycle.alerts.length,
    }));
}

function newFindings(cycle: Cycle, before: Cycle | undefined): number {
  const known = new Set(before ? findings(before) : []);
  return findings(cycle).filter((name) => !known.has(name)).length;
}

function findings({ drift }: Cycle): string[] {
  if (!drift) return [];
  return [
    ...drift.errors.map((found) => `${found.dimension} ${found.value}`),
    ...drift.inputs.map((found) => `${found.population} ${found.attribute}`),
  ];
}
