import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { healthQuery } from "@/api/queries";
import { setPlantZone, zoneInUse } from "@/shared/format";
import { useServerState } from "./health";

/** Take the plant's time zone over from the server, and load everything again once a dead server is back; give the zone. */
export function useServerLife(): string {
  const queries = useQueryClient();
  const zone = useQuery(healthQuery).data?.time_zone;
  if (zone !== undefined) setPlantZone(zone); // before what stands inside the frame is drawn
  const state = useServerState();
  const wasAway = useRef(false);
  useEffect(() => {
    if (wasAway.current && state !== "unreachable") void queries.invalidateQueries();
    wasAway.current = state === "unreachable";
  }, [state, queries]);
  return zoneInUse();
}
