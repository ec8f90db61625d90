import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { healthQuery } from "@/api/queries";

/** Predict again once the server has another model than the one that answered; edits and decisions stay. */
export function useNewModel(answeredBy: readonly string[] | undefined, answeredAt: number): void {
  const queries = useQueryClient();
  const health = useQuery(healthQuery);
  const active = health.data?.model_version;
  // An answer newer than the last look at the server's health may know of a model that this look does not.
  const isOlder = answeredBy !== undefined && health.dataUpdatedAt > answeredAt;
  const isOther = active !== undefined && active !== null && answeredBy?.some((version) => version !== active);
  useEffect(() => {
    if (isOlder && isOther) void queries.invalidateQueries({ queryKey: ["predict"] }, { cancelRefetch: false });
  }, [isOlder, isOther, queries]);
}
