import type { Schemas } from "@/api/client";
import { formatDay, formatMoment } from "@/shared/format";
import { type MetricName, SHARES } from "@/shared/metrics";

export type Cycle = Schemas["CycleSummary"];

/** The newest cycle before this one that judged the same way: of the same status, chosen by the same sampling. */
export function previousComparable(cycle: Cycle, others: readonly Cycle[]): Cycle | null {
  const found = others.filter(
    (one) =>
      one.created_at < cycle.created_at &&
      one.status === cycle.status &&
      one.sampling.strategy === cycle.sampling.strategy &&
      one.sampling.sample_size === cycle.sampling.sample_size,
  );
  return found.reduce<Cycle | null>(
    (newest, one) => (newest && newest.created_at > one.created_at ? newest : one),
    null,
  );
}

export type Verdict = "better" | "worse" | "withinChance" | "same";

/** How a metric moved since another cycle (more is better of shares, less of all else); within chance where the earlier value lies in this one's 95 % interval. */
export function movement(metric: MetricName, cycle: Cycle, before: Cycle): { change: number; verdict: Verdict } | null {
  const [now, then] = [cycle[metric], before[metric]];
  if (now === null || then === null) return null;
  const change = now - then;
  if (change === 0) return { change, verdict: "same" };
  const [low, high] = cycle.intervals?.[metric] ?? [];
  if (low !== undefined && high !== undefined && then >= low && then <= high)
    return { change, verdict: "withinChance" };
  return { change, verdict: change > 0 === SHARES.has(metric) ? "better" : "worse" };
}

/** Those created on the days asked for, in the plant's zone; an empty day bounds nothing. */
export function withinDays<Row extends { created_at: string }>(rows: readonly Row[], from: string, to: string): Row[] {
  return rows.filter((row) => {
    const created = formatDay(row.created_at);
    return (!from || created >= from) && (!to || created <= to);
  });
}

/** The moment (UTC) at which a day of the plant's zone has ended. */
export function endOfDay(day: string): string {
  const midnight = Date.parse(`${day}T00:00:00Z`) + 86_400_000;
  const shown = Date.parse(`${formatMoment(new Date(midnight).toISOString(), { zone: false }).replace(" ", "T")}Z`);
  return new Date(midnight - (shown - midnight)).toISOString();
}
