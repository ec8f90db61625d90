import type { Schemas } from "@/api/client";
import type { Step } from "../edit/steps";
import type { Prediction } from "../routing";
import { predictedFor, totalOf } from "./total_range";

type LeadTime = Schemas["LeadTime"];

/**
 * The days that a routing takes as it stands, edits and all: what its operations add, and the range of their sum.
 * Null where no lot shows how long such an operation takes.
 */
export function leadTimeOfSteps(steps: readonly Step[], prediction: Prediction, learnt: LeadTime) {
  const elapsed = steps.flatMap((step) => {
    const usual = step.in_house ? learnt.usual_in_house : learnt.usual_outsourced;
    return predictedFor(step, prediction)?.elapsed ?? usual ?? [];
  });
  if (elapsed.length < steps.length) return null;
  const { low, high } = totalOf(
    elapsed.map(({ days, deviation_days: deviation }) => ({ value: days, below: deviation, above: deviation })),
    learnt.spread,
  );
  return { days: elapsed.reduce((sum, { days }) => sum + days, 0), low, high };
}
