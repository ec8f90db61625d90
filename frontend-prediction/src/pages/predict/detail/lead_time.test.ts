import { expect, test } from "vitest";
import { added, moved, stepsOf, withField, withoutStep } from "../edit/steps";
import type { PredictedOperation, Prediction } from "../routing";
import { leadTimeOfSteps } from "./lead_time";

const learnt = {
  expected_days: 9,
  low_days: 5,
  high_days: 14,
  spread: { correlation: 0, low_factor: 1, high_factor: 1, lean: 0 },
  usual_in_house: { days: 1, deviation_days: 1 },
  usual_outsourced: { days: 6, deviation_days: 3 },
};
const around = { low: 0, high: 9 };

function operation(code: string, days: number, deviation: number): PredictedOperation {
  return {
    sequence: 10,
    operation_code: code,
    operation_name: code,
    work_centre: "W",
    in_house: true,
    setup_minutes: 1,
    setup_range: around,
    run_minutes_per_unit: 1,
    run_range: around,
    lot_minutes: 2,
    lot_range: around,
    evidence_count: 0,
    elapsed: { days, deviation_days: deviation },
  };
}

const operations = [operation("A", 2, 3), operation("B", 3, 4)];
const prediction = { quantity: 1, candidates: [{ operations }] } as unknown as Prediction;
const steps = stepsOf(operations);
const leadTime = (edited: typeof steps) => leadTimeOfSteps(edited, prediction, learnt);
const sent = withField(steps, "p0", "in_house", false);

test("days add up, and their range does as far as they go together", () => {
  expect(leadTime(steps)).toEqual({ days: 5, low: 0, high: 10 });
  expect(leadTime(moved(steps, "p0", 1))).toEqual({ days: 5, low: 0, high: 10 });
  expect(leadTime(withoutStep(steps, "p0"))).toEqual({ days: 3, low: 0, high: 7 });
});

test("an operation sent out, or added, takes as long as such operations usually do", () => {
  expect(leadTime(sent)?.days).toBe(6 + 3);
  expect(leadTime(added(steps, null, "n"))?.days).toBe(2 + 3 + 1);
});

test("where no operation was ever sent out there is no lead time for one that is", () => {
  const never = { ...learnt, usual_outsourced: null };
  expect(leadTimeOfSteps(sent, prediction, never)).toBeNull();
  expect(leadTimeOfSteps(steps, prediction, never)?.days).toBe(2 + 3);
});
