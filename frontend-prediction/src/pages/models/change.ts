import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answer, api, type Schemas } from "@/api/client";

/** What depends on the version that serves. */
const DEPENDENT = ["models", "health", "quality", "jobs"] as const;

type Call = (reason: string) => Promise<Schemas["VersionChanged"]>;

/** Serve another version from now on; what depends on it is asked for again before this is done. */
function useChange(call: Call, onChanged: () => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: call,
    onSuccess: onChanged,
    onSettled: () => Promise.all(DEPENDENT.map((key) => queries.invalidateQueries({ queryKey: [key] }))),
  });
}

export function useActivate(version: string, onChanged: () => void) {
  return useChange(
    (reason) => answer(api.POST("/api/models/{version}/activate", { params: { path: { version } }, body: { reason } })),
    onChanged,
  );
}

export function useRollBack(onChanged: () => void) {
  return useChange((reason) => answer(api.POST("/api/models/rollback", { body: { reason } })), onChanged);
}
