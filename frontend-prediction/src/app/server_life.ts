import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { healthQuery } from "@/api/queries";
import { isZoneKnown, setPlantZone, zoneInUse } from "@/shared/format";
import { useServerState } from "./health";

/**
 * Take the plant's time zone over from the server, and load everything again once a dead server is back.
 *
 * Gives the zone; null on a first visit until the server has named it, or has not answered: a page that was drawn in
 * another zone would have to be drawn anew, and an open dialog with it.
 */
export function useServerLife(): string | null {
  const queries = useQueryClient();
  const health = useQuery(healthQuery);
  const zone = health.data?.time_zone;
  if (zone !== undefined) setPlantZone(zone); // before what stands inside the frame is drawn
  const state = useServerState();
  const wasAway = useRef(false);
  useEffect(() => {
    if (wasAway.current && state !== "unreachable") void queries.invalidateQueries();
    wasAway.current = state === "unreachable";
  }, [state, queries]);
  return isZoneKnown() || health.isFetched ? zoneInUse() : null;
}
