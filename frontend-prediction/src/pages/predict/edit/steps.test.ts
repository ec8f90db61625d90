import { expect, test } from "vitest";
import { added, incomplete, moved, type Step, sameRouting, withField, withoutStep } from "./steps";

const steps: Step[] = ["A", "B", "C"].map((code, index) => ({
  id: code,
  sequence: 10 * (index + 1),
  operation_code: code,
  operation_name: code,
  work_centre: "W",
  in_house: true,
  setup_minutes: 1,
  run_minutes_per_unit: 1,
  predicted: null,
}));
const order = (found: readonly Step[]) => found.map((step) => `${step.sequence}${step.operation_code}`);

test("a moved operation takes the number of its new place", () => {
  expect(order(moved(steps, "C", 0))).toEqual(["10C", "20A", "30B"]);
  expect(order(moved(steps, "A", 9))).toEqual(["10B", "20C", "30A"]);
  expect(moved(steps, "A", -1)).toEqual(steps);
});

test("an added operation is numbered between its neighbours, or all are numbered anew", () => {
  expect(order(added(steps, "A", "n"))).toEqual(["10A", "15", "20B", "30C"]);
  expect(order(added(steps, null, "n"))).toEqual(["10A", "20B", "30C", "40"]);
  const dense = steps.map((step, index) => ({ ...step, sequence: index + 1 }));
  expect(order(added(dense, "A", "n"))).toEqual(["10A", "20", "30B", "40C"]);
  expect(order(added([], null, "n"))).toEqual(["10"]);
});

test("fields change and operations go", () => {
  expect(withField(steps, "B", "setup_minutes", 7)[1]?.setup_minutes).toBe(7);
  expect(order(withoutStep(steps, "B"))).toEqual(["10A", "30C"]);
});

test("numbers given anew are no change, everything else is", () => {
  expect(
    sameRouting(
      steps,
      steps.map((step) => ({ ...step, sequence: step.sequence + 5 })),
    ),
  ).toBe(true);
  expect(sameRouting(steps, moved(steps, "C", 0))).toBe(false);
  expect(sameRouting(steps, withField(steps, "A", "in_house", false))).toBe(false);
});

test("an operation without code or work centre is incomplete", () => {
  expect(incomplete(added(steps, "A", "n"))).toEqual([1]);
  expect(incomplete(steps)).toEqual([]);
});
