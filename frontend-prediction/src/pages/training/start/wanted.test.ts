import { expect, test } from "vitest";
import type { Job } from "@/shared/jobs";
import { isWithin, LIMITS, wantedAgain } from "./wanted";

const job = (kind: Job["kind"], parameters: Job["parameters"]) => ({ kind, parameters }) as Job;

test("a job is run again with its own parameters", () => {
  const parameters = { sample_size: 40, strategy: "recent_bias", seed: 0, backtest: true };
  expect(wantedAgain(job("evaluation", parameters))).toEqual({
    wanted: { kind: "evaluation", sampleSize: 40, strategy: "recent_bias", seed: 0, backtest: true },
    leftOut: [],
  });
});

test("what cannot be asked for is named", () => {
  expect(wantedAgain(job("refresh", { as_of: "2025-01-01" })).leftOut).toEqual(["as_of"]);
  expect(wantedAgain(job("training", { seed: 3 })).leftOut).toEqual(["seed"]);
});

test("limits hold for whole numbers; empty is allowed", () => {
  const { sampleSize } = LIMITS;
  expect([null, 1, 1_000_000].map((value) => isWithin(value, sampleSize))).toEqual([true, true, true]);
  expect([0, 1_000_001, 1.5].map((value) => isWithin(value, sampleSize))).toEqual([false, false, false]);
});
