import { queryOptions } from "@tanstack/react-query";
import { answer, answerOrNothing, api, type Schemas } from "./client";
import { ApiError } from "./problem";

/* What several pages ask for; what one page alone asks for stands beside that page. */

const HEALTH_EVERY_MS = 5_000;

export const healthQuery = queryOptions({
  queryKey: ["health"],
  queryFn: ({ signal }) => wholeHealth(signal),
  retry: false, // the dot in the header tells at once
  refetchInterval: HEALTH_EVERY_MS,
  staleTime: 0,
});

/** Strangers are told the status alone: then who one is fails with the reason, such as a session that is over. */
async function wholeHealth(signal: AbortSignal): Promise<Schemas["Health"]> {
  const health = await answer(api.GET("/health", { signal }));
  if ("version" in health) return health;
  await answer(api.GET("/api/auth/me", { signal }));
  throw new ApiError("starting", 503, "the server says less about itself than it should", null);
}

export const modelsQuery = queryOptions({
  queryKey: ["models"],
  queryFn: ({ signal }) => answer(api.GET("/api/models", { signal })),
});

/** The newest quality cycle; null before the first. */
export const currentCycleQuery = queryOptions({
  queryKey: ["quality", "current"],
  queryFn: ({ signal }) => answerOrNothing("no-evaluation", api.GET("/api/quality/current", { signal })),
});

export const alertsQuery = (limit: number) =>
  queryOptions({
    queryKey: ["quality", "alerts", limit],
    queryFn: ({ signal }) => answer(api.GET("/api/quality/alerts", { params: { query: { limit } }, signal })),
  });

export const jobsQuery = (limit: number) =>
  queryOptions({
    queryKey: ["jobs", limit],
    queryFn: ({ signal }) => answer(api.GET("/api/training/jobs", { params: { query: { limit } }, signal })),
  });

export const databaseQuery = queryOptions({
  queryKey: ["database"],
  queryFn: ({ signal }) => answer(api.GET("/api/db/health", { signal })),
  staleTime: 0,
});

export const quarantineQuery = queryOptions({
  queryKey: ["quarantine"],
  queryFn: ({ signal }) => answer(api.GET("/api/data/quarantine", { signal })),
});

export const scheduleQuery = queryOptions({
  queryKey: ["schedule"],
  queryFn: ({ signal }) => answer(api.GET("/api/training/schedule", { signal })),
});
