import { queryOptions } from "@tanstack/react-query";
import { answerOrNothing, api } from "@/api/client";

/** The most that the API gives at once. */
const MOST_ROWS = 1000;

/** Standard times that the shop contradicts; null before the first evaluation. */
export const standardsQuery = queryOptions({
  queryKey: ["quality", "standards"],
  queryFn: ({ signal }) =>
    answerOrNothing(
      "no-evaluation",
      api.GET("/api/quality/stale-standards", { params: { query: { limit: MOST_ROWS } }, signal }),
    ),
});
