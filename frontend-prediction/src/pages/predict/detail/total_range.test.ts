import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { added, moved, stepsOf, withField, withoutStep } from "../edit/steps";
import type { PredictedOperation, Prediction } from "../routing";
import { predictedFor, rangeOfSteps, totalOf } from "./total_range";

interface Example {
  name: string;
  operations: { minutes: number; low: number; high: number }[];
  spread: { correlation: number; low_factor: number; high_factor: number; lean: number };
  total: number;
  range: { low: number; high: number };
}

const examples: Example[] = JSON.parse(readFileSync("../tests/backend/ml/times/total_range_vectors.json", "utf8"));

test.each(examples)("as the backend computes it: $name", ({ operations, spread, total, range }) => {
  const reached = operations.map(({ minutes, low, high }) => ({
    value: minutes,
    below: minutes - low,
    above: high - minutes,
  }));
  const found = totalOf(reached, spread);
  expect(found.value).toBeCloseTo(total, 8);
  expect(found.low).toBeCloseTo(range.low, 8);
  expect(found.high).toBeCloseTo(range.high, 8);
});

const spread = { correlation: 0.2, low_factor: 0.9, high_factor: 1.1, lean: 0.2 };
const QUANTITY = 10;

function operation(code: string, minutes: number): PredictedOperation {
  const around = { low: 0.7 * minutes, high: 1.5 * minutes };
  return {
    sequence: 10,
    operation_code: code,
    operation_name: code,
    work_centre: "W",
    in_house: true,
    setup_minutes: 0,
    setup_range: around,
    run_minutes_per_unit: minutes / QUANTITY,
    run_range: around,
    lot_minutes: minutes,
    lot_range: around,
    evidence_count: 0,
  };
}

const operations = [operation("A", 30), operation("B", 50), operation("C", 5)];
const prediction = { quantity: QUANTITY, candidates: [{ operations }] } as unknown as Prediction;
const steps = stepsOf(operations);
const width = (edited: typeof steps) => {
  const range = rangeOfSteps(edited, prediction, spread);
  return range && range.high - range.low;
};

test("moving operations changes nothing, deleting one makes the range narrower", () => {
  expect(rangeOfSteps(moved(steps, "p0", 2), prediction, spread)).toEqual(rangeOfSteps(steps, prediction, spread));
  expect(width(withoutStep(steps, "p1"))).toBeLessThan(width(steps) ?? 0);
});

test("an operation of half the minutes is as sure in proportion", () => {
  const shorter = [operation("A", 30), operation("B", 25), operation("C", 5)];
  const asShorter = { ...prediction, candidates: [{ operations: shorter }] } as unknown as Prediction;
  const halved = withField(steps, "p1", "run_minutes_per_unit", 2.5);
  expect(rangeOfSteps(halved, prediction, spread)).toEqual(rangeOfSteps(stepsOf(shorter), asShorter, spread));
});

test("an operation that the model has not predicted is as sure as the others, and alone there is no range", () => {
  const longer = withField(added(steps, null, "n"), "n", "setup_minutes", 20);
  const [low, high] = [0.7 * 20, 1.5 * 20];
  const known = [...operations, { ...operation("N", 20), lot_range: { low, high } }];
  const asKnown = { ...prediction, candidates: [{ operations: known }] } as unknown as Prediction;
  expect(rangeOfSteps(longer, prediction, spread)).toEqual(rangeOfSteps(stepsOf(known), asKnown, spread));
  expect(rangeOfSteps(added([], null, "n"), prediction, spread)).toBeNull();
  expect(rangeOfSteps(steps, prediction, null)).toBeNull();
});

test("an operation that comes back has the times of its own visit, wherever it is moved to", () => {
  const visits = [30, 50, 5].map((minutes, place) => ({ ...operation("A", minutes), sequence: 10 * (place + 1) }));
  const returning = { ...prediction, candidates: [{ operations: visits }] } as unknown as Prediction;
  const minutes = (edited: typeof steps) => edited.map((step) => predictedFor(step, returning)?.lot_minutes);
  expect(minutes(stepsOf(visits))).toEqual([30, 50, 5]);
  expect(minutes(moved(stepsOf(visits), "p0", 2))).toEqual([50, 5, 30]);
});
