import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { jobsQuery } from "@/api/queries";
import { isActive, type Job } from "@/shared/jobs";

const JOBS_LOOKED_AT = 20;
const WHILE_RUNNING_MS = 1_000;
const ELSE_MS = 10_000;

/** The newest jobs, the evaluations among them that wait or run, and the one that is at it. */
export function useEvaluation() {
  const { data } = useQuery({
    ...jobsQuery(JOBS_LOOKED_AT),
    refetchInterval: ({ state }) => (state.data?.jobs.some(isActive) ? WHILE_RUNNING_MS : ELSE_MS),
  });
  const active = (data?.jobs ?? []).filter((job) => job.kind === "evaluation" && isActive(job));
  const running = active.find((job) => job.status === "RUNNING") ?? active.at(-1);
  return { jobs: data?.jobs ?? [], active, running };
}

/** Call back when the evaluation that runs, or was started here, has ended; all about quality is asked for anew. */
export function useEvaluationEnd(started: string | undefined, ended: (job: Job) => void): void {
  const queries = useQueryClient();
  const { jobs, running } = useEvaluation();
  const watched = useRef<string | undefined>(undefined);
  useEffect(() => {
    watched.current = started;
  }, [started]);
  useEffect(() => {
    if (running) watched.current = running.job_id;
    const job = jobs.find((one) => one.job_id === watched.current);
    if (!job || isActive(job)) return;
    watched.current = undefined;
    void queries.invalidateQueries({ queryKey: ["quality"] });
    ended(job);
  }, [jobs, running, queries, ended]);
}

/** One job makes one cycle, of the same name. */
export function cycleOf(job: Job): string {
  return `cycle_${job.job_id.replace(/^job_/, "")}`;
}
