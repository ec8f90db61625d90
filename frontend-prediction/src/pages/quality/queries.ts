import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, answerOrNothing, api } from "@/api/client";
import type { Dimension } from "./segments";

/** Cycles before a moment (all where there is none), newest first. */
export const historyQuery = (limit: number, before: string | null) =>
  queryOptions({
    queryKey: ["quality", "history", limit, before],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/quality/history", { params: { query: { limit, ...(before ? { before } : {}) } }, signal })),
    placeholderData: keepPreviousData,
  });

export const cycleQuery = (cycleId: string) =>
  queryOptions({
    queryKey: ["quality", "cycle", cycleId],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/quality/cycles/{cycle_id}", { params: { path: { cycle_id: cycleId } }, signal })),
  });

/** The most that the API gives at once. */
const MOST_ITEMS = 1000;

type Segment = { dimension: Dimension; value: string } | null;

function askItems(cycleId: string, segment: Segment, signal: AbortSignal) {
  const params = { path: { cycle_id: cycleId }, query: { limit: MOST_ITEMS, ...segment } };
  return answerOrNothing("no-cycle-items", api.GET("/api/quality/cycles/{cycle_id}/items", { params, signal }));
}

export type CycleItems = NonNullable<Awaited<ReturnType<typeof askItems>>>;

/** The items of a cycle, or of one of its segments, the largest errors first; null where the cycle keeps none. */
export const itemsQuery = (cycleId: string, segment: Segment) =>
  queryOptions({
    queryKey: ["quality", "items", cycleId, segment],
    queryFn: ({ signal }) => askItems(cycleId, segment, signal),
  });

/** The lots of an item with the largest errors, predicted against actual. */
export const itemQuery = (cycleId: string, itemCode: string) =>
  queryOptions({
    queryKey: ["quality", "item", cycleId, itemCode],
    queryFn: ({ signal }) => {
      const params = { path: { cycle_id: cycleId }, query: { item_code: itemCode } };
      return answer(api.GET("/api/quality/cycles/{cycle_id}/items/item", { params, signal }));
    },
  });

const AUDIT_ENTRIES = 500;

export const auditQuery = queryOptions({
  queryKey: ["audit", AUDIT_ENTRIES],
  queryFn: ({ signal }) =>
    answer(api.GET("/api/audit", { params: { query: { limit: AUDIT_ENTRIES, action: "model." } }, signal })),
});

export const AGREEMENT_DAYS = 90;

export const agreementQuery = queryOptions({
  queryKey: ["feedback", "agreement", AGREEMENT_DAYS],
  queryFn: ({ signal }) =>
    answer(api.GET("/api/feedback/agreement", { params: { query: { days: AGREEMENT_DAYS } }, signal })),
});
