import type { Schemas } from "@/api/client";
import type { Step } from "../edit/steps";
import { lotMinutes, type Operation, type PredictedOperation, type Prediction, totalMinutes } from "../routing";

type Total = Schemas["MinutesRange"] & { value: number };
type Spread = Schemas["TotalSpread"];

/** What an operation adds to a sum, minutes or days, and how much less and more it may be. */
interface Reached {
  value: number;
  below: number;
  above: number;
}

/** A total and its 80 % range as backend/ml/times/routing_totals.py computes them; both are held to the same examples. */
export function totalOf(operations: readonly Reached[], spread: Spread): Total {
  const value = sum(operations.map((one) => one.value)) + spread.lean * lopsided(operations, spread.correlation);
  const below = together(
    operations.map((one) => one.below),
    spread.correlation,
  );
  const above = together(
    operations.map((one) => one.above),
    spread.correlation,
  );
  return { value, low: Math.max(0, value - spread.low_factor * below), high: value + spread.high_factor * above };
}

/** How much further up than down a sum reaches, as far as its operations cancel out; medians do not add up there. */
function lopsided(operations: readonly Reached[], correlation: number): number {
  const widths = operations.map(({ below, above }) => below + above);
  const alone = sum(widths.map((one) => one ** 2)) / Math.max(sum(widths) ** 2, Number.MIN_VALUE);
  const further = sum(operations.map(({ below, above }) => above - below));
  return (1 - correlation) * Math.max(1 - alone, 0) * further;
}

/** The deviation of a sum: long and short cancel out as far as errors of one lot do not go together. */
function together(reach: readonly number[], correlation: number): number {
  const squares = sum(reach.map((one) => one ** 2));
  return Math.sqrt((1 - correlation) * squares + correlation * sum(reach) ** 2);
}

/** A routing's total and its range as it stands, edits and all; null where the model cannot tell. */
export function rangeOfSteps(steps: readonly Step[], prediction: Prediction, spread: Spread | null): Total | null {
  const reached = spread && reachOf(steps, prediction);
  return reached && totalOf(reached, spread);
}

/** The same total; where the model cannot tell, what the operations take together. */
export function minutesOfSteps(steps: readonly Step[], prediction: Prediction, spread: Spread | null): number {
  return rangeOfSteps(steps, prediction, spread)?.value ?? totalMinutes(steps, prediction.quantity);
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

/**
 * What the model says now of an operation that a candidate had; null where its code or place was changed.
 * One that comes back in its routing has other times at each visit: its number there tells which it is.
 */
export function predictedFor(step: Step, prediction: Prediction): PredictedOperation | null {
  if (!step.predicted) return null;
  const number = step.predicted.sequence;
  const found = byPlace(prediction).get(placeOf(step)) ?? [];
  return found.find(({ sequence }) => sequence === number) ?? found[0] ?? null;
}

const places = new WeakMap<Prediction, Map<string, PredictedOperation[]>>();

/** A prediction's operations, those of the first candidate first; kept, as every edit asks for all of them. */
function byPlace(prediction: Prediction): Map<string, PredictedOperation[]> {
  const known = places.get(prediction);
  if (known) return known;
  const made = new Map<string, PredictedOperation[]>();
  for (const operation of prediction.candidates.flatMap(({ operations }) => operations)) {
    const place = placeOf(operation);
    const same = made.get(place);
    if (same) same.push(operation);
    else made.set(place, [operation]);
  }
  places.set(prediction, made);
  return made;
}

function placeOf({ operation_code, work_centre, in_house }: Operation): string {
  return `${operation_code}\n${work_centre}\n${in_house}`;
}

function sum(values: readonly number[]): number {
  return values.reduce((one, other) => one + other, 0);
}
