import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api, type Schemas } from "@/api/client";

export type User = Schemas["UserView"];
export type Key = Schemas["KeyView"];

export const usersQuery = queryOptions({
  queryKey: ["access", "users"],
  queryFn: ({ signal }) => answer(api.GET("/api/auth/users", { signal })),
});

export const keysQuery = queryOptions({
  queryKey: ["access", "keys"],
  queryFn: ({ signal }) => answer(api.GET("/api/auth/keys", { signal })),
});

/** A change of who may do what; the lists, and what one may do oneself, are asked for again. */
export function useAccessChange<Given, Got>(call: (given: Given) => Promise<Got>, onChanged?: (got: Got) => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: call,
    onSuccess: onChanged,
    onSettled: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: ["access"] }),
        queries.invalidateQueries({ queryKey: ["me"] }),
      ]),
  });
}

export const changeUser = ({ name, body }: { name: string; body: Schemas["UserChangeRequest"] }) =>
  answer(api.PATCH("/api/auth/users/{name}", { params: { path: { name } }, body }));

export const removeUser = (name: string) =>
  answer(api.DELETE("/api/auth/users/{name}", { params: { path: { name } } }));

export const addUser = (body: Schemas["NewUser"]) => answer(api.POST("/api/auth/users", { body }));
export const addKey = (body: Schemas["NewKey"]) => answer(api.POST("/api/auth/keys", { body }));
export const revokeKey = (keyId: string) =>
  answer(api.DELETE("/api/auth/keys/{key_id}", { params: { path: { key_id: keyId } } }));
