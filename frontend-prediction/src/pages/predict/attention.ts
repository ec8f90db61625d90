import type { Schemas } from "@/api/client";
import { type Operation, type Prediction, totalMinutes } from "./routing";

export type ItemStandards = Schemas["ItemStandardsView"];

/** From where on an item needs a planner's eye; planners set these themselves. */
export interface AttentionLimits {
  /** A first candidate less probable than this: a share. */
  probability: number;
  /** An operation whose 80 % range reaches from its low to more than this multiple of it. */
  rangeRatio: number;
  /** Total minutes that differ from the ERP's standard by more than this share of it. */
  standardShare: number;
}

export const USUAL_LIMITS: AttentionLimits = { probability: 0.6, rangeRatio: 2.5, standardShare: 0.3 };

/** Why an item needs attention, with the figures that say so. */
export type Mark =
  | { kind: "unanswered" | "lowEvidence" | "stale" }
  | { kind: "lowProbability"; probability: number }
  | { kind: "wideRange"; operationCode: string; low: number; high: number; operations: number }
  | { kind: "standardMinutes"; proposed: number; standard: number }
  | { kind: "standardSequence"; operations: number };

const UNANSWERED = new Set<Prediction["status"]>(["not_found", "source_unavailable", "invalid"]);

/** All marks of an item, the gravest first. */
export function marksOf(prediction: Prediction, standards: ItemStandards | null, limits: AttentionLimits): Mark[] {
  const best = prediction.candidates[0];
  if (UNANSWERED.has(prediction.status) || !best) return [{ kind: "unanswered" }];
  const marks: Mark[] = [];
  if (prediction.status === "low_evidence") marks.push({ kind: "lowEvidence" });
  else if (best.probability < limits.probability) {
    marks.push({ kind: "lowProbability", probability: best.probability });
  }
  marks.push(...standardMarks(prediction, standards, limits), ...rangeMarks(best.operations, limits));
  if (prediction.status === "stale") marks.push({ kind: "stale" });
  return marks;
}

function rangeMarks(operations: Prediction["candidates"][number]["operations"], limits: AttentionLimits): Mark[] {
  const wide = operations.filter(({ lot_range }) => lot_range.high > limits.rangeRatio * lot_range.low);
  const worst = wide.reduce<(typeof wide)[number] | null>(
    (one, other) =>
      one && one.lot_range.high - one.lot_range.low >= other.lot_range.high - other.lot_range.low ? one : other,
    null,
  );
  if (!worst) return [];
  const { low, high } = worst.lot_range;
  return [{ kind: "wideRange", operationCode: worst.operation_code, low, high, operations: wide.length }];
}

function standardMarks(prediction: Prediction, standards: ItemStandards | null, limits: AttentionLimits): Mark[] {
  const best = prediction.candidates[0];
  const standard = best && closestStandard(standards, best.operations);
  if (!best || !standard) return [];
  const marks: Mark[] = [];
  const apart = differentOperations(best.operations, standard.operations);
  if (apart > 0) marks.push({ kind: "standardSequence", operations: apart });
  const minutes = totalMinutes(standard.operations, prediction.quantity);
  if (Math.abs(best.total_minutes - minutes) > limits.standardShare * minutes) {
    marks.push({ kind: "standardMinutes", proposed: best.total_minutes, standard: minutes });
  }
  return marks;
}

/** The ERP's routing with the fewest other operations; of equal ones the newest. */
export function closestStandard(standards: ItemStandards | null, operations: readonly Operation[]) {
  const routings = standards?.routings ?? [];
  const apart = routings.map((routing) => differentOperations(operations, routing.operations));
  return routings[apart.indexOf(Math.min(...apart))] ?? null;
}

const NARROWEST = 8;

/** Edit distance between two sequences of operation codes. */
export function differentOperations(left: readonly Operation[], right: readonly Operation[]): number {
  const [one, other] = [codesOf(left), codesOf(right)];
  // Long routings that hardly differ are the rule: only distances up to a bound are looked at, and it is rarely widened.
  for (let most = Math.max(NARROWEST, Math.abs(one.length - other.length)); ; most *= 2) {
    const found = distanceWithin(one, other, most);
    if (found <= most) return found;
  }
}

/** The edit distance where it is at most `most`, else some larger number. */
function distanceWithin(one: readonly string[], other: readonly string[], most: number): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [i, code] of one.entries()) {
    const next = new Array<number>(other.length + 1).fill(Number.POSITIVE_INFINITY);
    next[0] = i + 1;
    for (let j = Math.max(0, i - most); j < Math.min(other.length, i + most + 1); j++) {
      const kept = (row[j] ?? 0) + (code === other[j] ? 0 : 1);
      next[j + 1] = Math.min(kept, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1);
    }
    row = next;
  }
  return row[other.length] ?? 0;
}

function codesOf(operations: readonly Operation[]): string[] {
  return operations.map((operation) => operation.operation_code);
}
