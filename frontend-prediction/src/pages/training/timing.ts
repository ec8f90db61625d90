import { ageMs, parseMoment } from "@/shared/format";
import type { Job } from "@/shared/jobs";

/** Less progress than this says too little about the rest. */
const LEAST_PROGRESS = 5;

/** Seconds since the job's start, or from its start to its end; null before it has started. */
export function elapsedSeconds(job: Job, now: number): number | null {
  const end = parseMoment(job.finished_at)?.getTime() ?? now;
  const age = ageMs(job.started_at, end);
  return age === null ? null : Math.max(0, age / 1000);
}

/** Seconds that remain if the rest goes as fast as what is done; null where that cannot be computed. */
export function remainingSeconds(job: Job, now: number): number | null {
  const elapsed = elapsedSeconds(job, now);
  const isFirstAttempt = job.attempt === 1; // a later one began after the job's start
  if (job.status !== "RUNNING" || !isFirstAttempt || !elapsed || job.progress < LEAST_PROGRESS) return null;
  return (elapsed * (100 - job.progress)) / job.progress;
}
