import type { Schemas } from "@/api/client";
import type { Step } from "../edit/steps";
import type { Prediction } from "../routing";
import { predictedFor, totalRange } from "./total_range";

type LeadTime = Schemas["LeadTime"];

/** The days that a routing takes as it stands, edits and all: what its operations add, and the range of their sum. */
export function leadTimeOfSteps(steps: readonly Step[], prediction: Prediction, learnt: LeadTime) {
  const elapsed = steps.map((step) => {
    const usual = step.in_house ? learnt.usual_in_house : learnt.usual_outsourced;
    return predictedFor(step, prediction)?.elapsed ?? usual;
  });
  const range = totalRange(
    elapsed.map(({ days, deviation_days: deviation }) => ({ value: days, below: deviation, above: deviation })),
    learnt.spread,
  );
  return { days: elapsed.reduce((sum, { days }) => sum + days, 0), ...range };
}
