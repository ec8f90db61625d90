import type { Schemas } from "@/api/client";
import type { Tone } from "./StateWord";

export type Job = Schemas["JobView"];

/** How a job's state is marked wherever jobs are shown. */
export const JOB_TONES: Record<Job["status"], Tone> = {
  STARTED: "neutral",
  RUNNING: "good",
  SUCCEEDED: "good",
  FAILED: "bad",
  CANCELLED: "neutral",
  SKIPPED: "neutral",
};

/** The states after which nothing changes any more are the others. */
export function isActive(job: Job): boolean {
  return job.status === "STARTED" || job.status === "RUNNING";
}
