import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "./problem";

const MOST_RETRIES = 2;
/** How often a view that shows an error asks again by itself. */
const RETRY_AFTER_ERROR_MS = 10_000;

export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        networkMode: "always", // a plant's network is not the internet: the browser's "offline" says nothing
        retry: (failures, error) => failures < MOST_RETRIES && error instanceof ApiError && error.isTemporary,
        retryDelay: (failures) => 500 * 2 ** failures,
        refetchInterval: (query) => (query.state.status === "error" ? RETRY_AFTER_ERROR_MS : false),
      },
      mutations: { networkMode: "always", retry: false },
    },
  });
}
