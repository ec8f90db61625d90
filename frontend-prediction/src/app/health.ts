import { useQuery } from "@tanstack/react-query";
import { healthQuery } from "@/api/queries";
import type { Tone } from "@/shared/StateWord";

/** How the server does, as the header says it. */
export type ServerState = "checking" | "healthy" | "degraded" | "unreachable";

export const TONES: Record<ServerState, Tone> = {
  checking: "neutral",
  healthy: "good",
  degraded: "warning",
  unreachable: "bad",
};

export function useServerState(): ServerState {
  const { data, isError } = useQuery(healthQuery);
  if (isError) return "unreachable";
  return data?.status ?? "checking";
}
