import { useDocumentVisibility } from "@mantine/hooks";
import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useSyncExternalStore } from "react";
import { answer, api } from "@/api/client";
import { isActive, type Job } from "@/shared/jobs";
import { JobFeed } from "./job_feed";

const WITHOUT_STREAM_MS = 2_000;

export const jobQuery = (jobId: string) =>
  queryOptions({
    queryKey: ["job", jobId],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/training/jobs/{job_id}/status", { params: { path: { job_id: jobId } }, signal })),
    structuralSharing: (before, now) => newer(before as Job | undefined, now as Job),
  });

/** An answer that was on its way while the stream told more is the older one. */
function newer(before: Job | undefined, now: Job): Job {
  return before && before.seq > now.seq ? before : now;
}

/** One job as it changes, with its log; the stream is open only while the page is in view. */
export function useJob(jobId: string) {
  const queries = useQueryClient();
  const feed = useMemo(() => {
    const options = jobQuery(jobId);
    return new JobFeed(jobId, (job) => queries.setQueryData(options.queryKey, job));
  }, [jobId, queries]);
  const told = useSyncExternalStore(feed.subscribe, feed.snapshot);
  const query = useQuery({
    ...jobQuery(jobId),
    refetchInterval: ({ state }) => {
      const settled = state.data && (!isActive(state.data) || feed.snapshot().state === "live");
      return settled ? false : WITHOUT_STREAM_MS;
    },
  });
  useFeed(feed, query.data);
  useEndOfJob(query.data);
  return { query, ...told };
}

/** A job that waits for its first attempt has no log yet: asking for it now and then is enough. */
function useFeed(feed: JobFeed, job: Job | undefined): void {
  const inView = useDocumentVisibility() === "visible";
  const hasLog = job !== undefined && (job.attempt > 0 || !isActive(job));
  const wanted = inView && hasLog;
  useEffect(() => {
    if (!wanted) return;
    feed.start();
    return () => feed.stop();
  }, [feed, wanted]);
}

/** A job that ended has changed what other pages show: versions, the newest evaluation, the queue. */
function useEndOfJob(job: Job | undefined): void {
  const queries = useQueryClient();
  const ended = job === undefined ? null : !isActive(job);
  useEffect(() => {
    if (ended !== false) return;
    return () => {
      for (const key of ["jobs", "models", "quality", "schedule", "health"]) {
        void queries.invalidateQueries({ queryKey: [key] });
      }
    };
  }, [ended, queries]);
}
