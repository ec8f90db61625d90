import { queryOptions, useQuery } from "@tanstack/react-query";
import { answer, api, type Schemas } from "./client";
import { rememberToken } from "./csrf";

export type Role = Schemas["Role"];
export type Me = Schemas["Me"];

/** Each may do what those before it may. */
export const ROLES = ["viewer", "planner", "operator", "admin"] as const satisfies readonly Role[];

/** Who the server takes us for. */
export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: async ({ signal }) => {
    const me = await answer(api.GET("/api/auth/me", { signal }));
    rememberToken(me.csrf_token);
    return me;
  },
  staleTime: 60_000,
  refetchInterval: (query) => (query.state.status === "error" ? 5_000 : 60_000), // a role may change meanwhile
});

/** One's role; null while it is not known. */
export function useRole(): Role | null {
  return useQuery(meQuery).data?.role ?? null;
}

export function covers(mine: Role, needed: Role): boolean {
  return ROLES.indexOf(mine) >= ROLES.indexOf(needed);
}
