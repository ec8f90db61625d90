import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api, type Schemas } from "@/api/client";
import type { Value, View } from "./fields";

/** One change of the settings, as the history tells it. */
export type Entry = Schemas["ConfigChangeView"];

/* All begin with "settings", so that a change refreshes them together. */

export const configQuery = queryOptions({
  queryKey: ["settings", "file"],
  queryFn: ({ signal }) => answer(api.GET("/api/config/iter_training", { signal })),
});

export const historyQuery = (limit: number) =>
  queryOptions({
    queryKey: ["settings", "history", limit],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/config/iter_training/history", { params: { query: { limit } }, signal })),
  });

interface Change {
  /** The version of the file that the change was made on. */
  etag: string;
  changes: Record<string, Value>;
  reason: string;
}

interface Restoration {
  etag: string;
  auditId: number;
  reason: string;
}

const ifMatch = (etag: string) => ({ header: { "if-match": `"${etag}"` } });

export const useSave = () =>
  useChange(({ etag, changes, reason }: Change) =>
    answer(
      api.PUT("/api/config/iter_training", { params: ifMatch(etag), body: { changes, reason: reason.trim() || null } }),
    ),
  );

export const useRestore = () =>
  useChange(({ etag, auditId, reason }: Restoration) =>
    answer(
      api.POST("/api/config/iter_training/restore", {
        params: ifMatch(etag),
        body: { audit_id: auditId, reason: reason.trim() || null },
      }),
    ),
  );

/** Change the file; what the server answers is shown at once, and the history asked for again. */
function useChange<Wanted>(call: (wanted: Wanted) => Promise<View>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: call,
    onSuccess: (view) => {
      queries.setQueryData(configQuery.queryKey, view);
      void queries.invalidateQueries({ queryKey: ["settings", "history"] });
    },
  });
}
