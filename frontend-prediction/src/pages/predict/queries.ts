import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "@/api/client";
import type { Attributes } from "./new_item/draft";
import type { Prediction } from "./routing";

/** Items asked for at once; the backend takes 1,000, smaller parts show their rows earlier. */
const PART = 250;
const MOST_ITEMS = 1_000;
const MOST_CANDIDATES = 5;

/** Answers of a list of items that arrive in parts. */
export interface Arriving<Row> {
  rows: Row[];
  total: number;
}

export interface Answered extends Arriving<Prediction> {
  /** One, unless the server changed its model between two parts. */
  modelVersions: string[];
  dataCutoff: string | null;
}

/** The first candidate of each item, without evidence, in the order asked. */
export const listQuery = (codes: readonly string[], quantity: number | null) => {
  const queryKey = ["predict", "list", codes.join("\n"), quantity];
  return queryOptions({
    queryKey,
    queryFn: ({ signal, client }) =>
      inParts<Prediction, Answered>(client, queryKey, codes, NOTHING_YET, async (part, before) => {
        const body = { item_codes: part, items: [], quantity, candidates: 1, evidence: false };
        const found = await answer(api.POST("/api/predict", { body, signal }));
        return {
          rows: [...before.rows, ...found.predictions],
          total: codes.length,
          modelVersions: [...new Set([...before.modelVersions, found.model_version])],
          dataCutoff: found.data_cutoff,
        };
      }),
    staleTime: Number.POSITIVE_INFINITY,
    structuralSharing: false,
    enabled: codes.length > 0,
  });
};

const NOTHING_YET: Answered = { rows: [], total: 0, modelVersions: [], dataCutoff: null };

export interface Standards extends Arriving<Schemas["ItemStandardsView"]> {
  asOf: string | null;
}

/** The ERP's own routings of a list of items. */
export const standardsQuery = (codes: readonly string[]) => {
  const queryKey = ["predict", "standards", codes.join("\n")];
  return queryOptions({
    queryKey,
    queryFn: ({ signal, client }) =>
      inParts<Schemas["ItemStandardsView"], Standards>(
        client,
        queryKey,
        codes,
        { rows: [], total: 0, asOf: null },
        async (part, before) => {
          const found = await answer(api.POST("/api/items/routings", { body: { item_codes: part }, signal }));
          return { rows: [...before.rows, ...found.items], total: codes.length, asOf: found.as_of };
        },
      ),
    staleTime: 60_000,
    structuralSharing: false,
    enabled: codes.length > 0,
  });
};

/** Ask part by part, showing what has come; after a failure go on behind what is there already. */
async function inParts<Row, Whole extends Arriving<Row>>(
  client: QueryClient,
  queryKey: readonly unknown[],
  codes: readonly string[],
  nothing: Whole,
  ask: (part: string[], before: Whole) => Promise<Whole>,
): Promise<Whole> {
  const before = client.getQueryData<Whole>(queryKey);
  const isWhole = before?.rows.length === codes.length; // then it stays on the screen while all is asked anew
  let whole = before && !isWhole ? before : nothing;
  while (whole.rows.length < codes.length) {
    whole = await ask(codes.slice(whole.rows.length, whole.rows.length + PART), whole);
    if (whole.rows.length < codes.length && !isWhole) client.setQueryData(queryKey, whole);
  }
  return whole;
}

/** What is predicted: an item of the ERP, or the attributes of one that is not in it. */
export type Subject = { code: string; attributes: null } | { code: null; attributes: Attributes };

/** One item with all its candidates and what backs them. */
export const itemQuery = (subject: Subject, quantity: number | null) =>
  queryOptions({
    queryKey: ["predict", "item", subject, quantity],
    queryFn: ({ signal }) => {
      const items = [{ item_code: subject.code, attributes: subject.attributes, quantity }];
      const body = { items, candidates: MOST_CANDIDATES, evidence: true };
      return answer(api.POST("/api/predict", { body: { ...body, item_codes: [] }, signal }));
    },
    staleTime: Number.POSITIVE_INFINITY,
  });

/** The decisions on one item, newest first. */
export const decisionsQuery = (code: string, limit: number) =>
  queryOptions({
    queryKey: ["feedback", code, limit],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/feedback", { params: { query: { item_code: code, limit } }, signal })),
  });

/** The newest decision of each item of a list that has one. */
export const newestDecisionsQuery = (codes: readonly string[]) =>
  queryOptions({
    queryKey: ["feedback", "newest", codes.join("\n")],
    queryFn: async ({ signal }) => {
      const found: Schemas["FeedbackView"][] = [];
      for (let start = 0; start < codes.length; start += MOST_ITEMS) {
        const body = { item_codes: codes.slice(start, start + MOST_ITEMS) };
        found.push(...(await answer(api.POST("/api/feedback/newest", { body, signal }))).feedback);
      }
      return found;
    },
    enabled: codes.length > 0,
  });

/** The attributes of the model, with so many of their usual values. */
export const attributesQuery = queryOptions({
  queryKey: ["attributes"],
  queryFn: ({ signal }) => answer(api.GET("/api/items/attributes", { params: { query: { values: 20 } }, signal })),
  staleTime: 5 * 60_000,
});

/** Values of one attribute that contain a text. */
export const valuesQuery = (name: string, search: string) =>
  queryOptions({
    queryKey: ["attributes", name, search],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/items/attributes", { params: { query: { name, search, values: 20 } }, signal })),
    staleTime: 5 * 60_000,
  });

export const itemAttributesQuery = (code: string) =>
  queryOptions({
    queryKey: ["items", "attributes", code],
    queryFn: ({ signal }) => answer(api.GET("/api/items/item", { params: { query: { item_code: code } }, signal })),
    staleTime: 60_000,
  });

export const searchQuery = (search: string) =>
  queryOptions({
    queryKey: ["items", "search", search],
    queryFn: ({ signal }) => answer(api.GET("/api/items", { params: { query: { search, limit: 20 } }, signal })),
    staleTime: 60_000,
  });
