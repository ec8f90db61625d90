import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { rememberToken } from "./csrf";
import { ApiError } from "./problem";

const MOST_RETRIES = 2;
/** How often a view that shows an error asks again by itself. */
const RETRY_AFTER_ERROR_MS = 10_000;

/** Where the server no longer knows who asks, `onSignedOut` leads to the login. */
export function makeQueryClient(onSignedOut: () => void): QueryClient {
  const onError = (error: unknown) => {
    if (!(error instanceof ApiError)) return;
    if (error.kind === "missing-csrf-token") rememberToken(undefined); // a new login in another tab: ask again
    if (error.kind !== "not-identified") return;
    client.removeQueries({ queryKey: ["me"] }); // else the login would take us for who we were
    onSignedOut();
  };
  const client = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
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
  return client;
}
