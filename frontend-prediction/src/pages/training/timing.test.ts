import { expect, test } from "vitest";
import type { Job } from "@/shared/jobs";
import { elapsedSeconds, remainingSeconds } from "./timing";

const START = Date.parse("2025-10-22T14:00:00Z");
const JOB: Job = {
  job_id: "job_1",
  kind: "training",
  status: "RUNNING",
  progress: 25,
  current_step: "",
  attempt: 1,
  seq: 1,
  automatic: false,
  parameters: {},
  result: null,
  error: null,
  created_at: "2025-10-22T13:00:00Z",
  started_at: "2025-10-22T14:00:00Z",
  finished_at: null,
};

test("elapsed runs from the start, and stops at the end", () => {
  expect(elapsedSeconds(JOB, START + 30_000)).toBe(30);
  expect(elapsedSeconds({ ...JOB, finished_at: "2025-10-22T14:00:10Z" }, START + 30_000)).toBe(10);
  expect(elapsedSeconds({ ...JOB, started_at: null }, START)).toBeNull();
  expect(elapsedSeconds(JOB, START - 5_000)).toBe(0); // a clock that is behind the server's
});

test("the rest is foreseen from progress alone", () => {
  expect(remainingSeconds(JOB, START + 30_000)).toBe(90);
});

test.each<Partial<Job>>([
  { progress: 4 },
  { status: "STARTED" },
  { status: "SUCCEEDED" },
  { attempt: 2 },
  { started_at: null },
])("and not where it says too little: %o", (change) => {
  expect(remainingSeconds({ ...JOB, ...change }, START + 30_000)).toBeNull();
});
