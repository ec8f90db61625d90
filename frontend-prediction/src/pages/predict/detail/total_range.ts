import type { Schemas } from "@/api/client";
import type { Step } from "../edit/steps";
import { lotMinutes, type PredictedOperation, type Prediction } from "../routing";

type Range = Schemas["MinutesRange"];
type Spread = Schemas["TotalSpread"];

/** What an operation adds to a sum, minutes or days, and how much less and more it may be. */
interface Reached {
  value: number;
  below: number;
  above: number;
}

/** The 80 % range of a sum as backend/ml/times/routing_totals.py computes it; both are held to the same examples. */
export function totalRange(operations: readonly Reached[], spread: Spread): Range {
  const total = sum(operations.map(({ value }) => value));
  const below = together(
    operations.map((one) => one.below),
    spread.correlation,
  );
  const above = together(
    operations.map((one) => one.above),
    spread.correlation,
  );
  return { low: Math.max(0, total - spread.low_factor * below), high: total + spread.high_factor * above };
}

/** The deviation of a sum: long and short cancel out as far as errors of one lot do not go together. */
function together(reach: readonly number[], correlation: number): number {
  const squares = sum(reach.map((one) => one ** 2));
  return Math.sqrt((1 - correlation) * squares + correlation * sum(reach) ** 2);
}

/** The range of a routing's total as it stands, edits and all; null where the model cannot tell. */
export function rangeOfSteps(steps: readonly Step[], prediction: Prediction, spread: Spread | null): Range | null {
  const reached = spread && reachOf(steps, prediction);
  return reached && totalRange(reached, spread);
}

/** Edited minutes are as sure in proportion as the predicted ones; what was added is as sure as the others together. */
function reachOf(steps: readonly Step[], prediction: Prediction): Reached[] | null {
  const known = steps.flatMap((step) => predictedFor(step, prediction) ?? []);
  const minutes = sum(known.map((one) => one.lot_minutes));
  if (minutes <= 0) return null;
  const below = sum(known.map((one) => one.lot_minutes - one.lot_range.low)) / minutes;
  const above = sum(known.map((one) => one.lot_range.high - one.lot_minutes)) / minutes;
  return steps.map((step) => {
    const now = lotMinutes(step, prediction.quantity);
    const predicted = predictedFor(step, prediction);
    if (!predicted) return { value: now, below: below * now, above: above * now };
    const { lot_minutes: was, lot_range: range } = predicted;
    const scale = was > 0 ? now / was : 1;
    return { value: now, below: scale * (was - range.low), above: scale * (range.high - was) };
  });
}

/** What the model says now of an operation that a candidate had; null where its code or place was changed. */
export function predictedFor(step: Step, prediction: Prediction): PredictedOperation | null {
  const isSame = (one: PredictedOperation) =>
    one.operation_code === step.operation_code &&
    one.work_centre === step.work_centre &&
    one.in_house === step.in_house;
  if (!step.predicted) return null;
  return prediction.candidates.flatMap(({ operations }) => operations).find(isSame) ?? null;
}

function sum(values: readonly number[]): number {
  return values.reduce((one, other) => one + other, 0);
}
