import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, api } from "@/api/client";

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
    placeholderData: keepPreviousData,
  });

const AUDIT_ENTRIES = 500;

export const auditQuery = queryOptions({
  queryKey: ["audit", AUDIT_ENTRIES],
  queryFn: ({ signal }) => answer(api.GET("/api/audit", { params: { query: { limit: AUDIT_ENTRIES } }, signal })),
});

export const AGREEMENT_DAYS = 90;

export const agreementQuery = queryOptions({
  queryKey: ["feedback", "agreement", AGREEMENT_DAYS],
  queryFn: ({ signal }) =>
    answer(api.GET("/api/feedback/agreement", { params: { query: { days: AGREEMENT_DAYS } }, signal })),
});
