import { expect, test } from "vitest";
import type { Job } from "@/shared/jobs";
import { gateOutcome, outcomeOf, skipReason } from "./outcome";

const job = (kind: Job["kind"], status: Job["status"], result: Job["result"] = null) =>
  ({ kind, status, result }) as Job;

test.each([
  [job("training", "SUCCEEDED", { promoted: true, reason: "better" }), "promoted"],
  [job("training", "SUCCEEDED", { promoted: false, reason: "no gain" }), "kept"],
  [job("refresh", "SKIPPED", { skipped: true, promoted: false, reason: "nothing new" }), "skipped"],
  [job("evaluation", "SUCCEEDED", { status: "ok" }), "evaluated"],
  [job("evaluation", "SUCCEEDED", { status: "insufficient_data" }), "insufficient"],
  [job("evaluation", "SUCCEEDED", { status: "backtest" }), "backtest"],
  [job("training", "FAILED"), "failed"],
  [job("training", "CANCELLED"), null],
  [job("training", "RUNNING"), null],
])("%o is %s", (one, outcome) => expect(outcomeOf(one)).toBe(outcome));

test("the gate's decision is read with what may lack", () => {
  const result = { promoted: false, reason: "no gain", champion_version: "v1", checks: [], metrics: { mae: 4.2 } };
  expect(gateOutcome(job("training", "SUCCEEDED", result))).toMatchObject({
    promoted: false,
    champion: "v1",
    version: null,
    metrics: { mae: 4.2 },
    championMetrics: {},
    comparedOperations: null,
  });
});

test("a refresh without new work says why", () => {
  const skipped = job("refresh", "SKIPPED", { skipped: true, promoted: false, reason: "nothing new" });
  expect(gateOutcome(skipped)).toBeNull();
  expect(skipReason(skipped)).toBe("nothing new");
});
