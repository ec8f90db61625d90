import { queryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "@/api/client";

export type Models = Schemas["VersionList"];
export type Version = Schemas["ModelVersion"];
export type Details = Schemas["ModelDetails"];
export type Comparison = Schemas["ModelComparison"];

/* All begin with "models", so that a change of the active version refreshes them together. */

export const versionQuery = (version: string) =>
  queryOptions({
    queryKey: ["models", "version", version],
    queryFn: ({ signal }) => answer(api.GET("/api/models/{version}", { params: { path: { version } }, signal })),
  });

export const comparisonQuery = (left: string, right: string) =>
  queryOptions({
    queryKey: ["models", "compare", left, right],
    queryFn: ({ signal }) => answer(api.GET("/api/models/compare", { params: { query: { left, right } }, signal })),
  });
