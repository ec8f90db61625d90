import { useQuery } from "@tanstack/react-query";
import { currentCycleQuery } from "@/api/queries";
import { useAddress } from "./address";
import { type Cycle, previousComparable } from "./cycles";
import { cycleQuery, historyQuery } from "./queries";

const LOOKED_BACK = 50;

/** The cycle that the page is about: the one in the address, else the newest. */
export function useCycle() {
  const [{ cycle }] = useAddress();
  const newest = useQuery({ ...currentCycleQuery, enabled: cycle === "" });
  const chosen = useQuery({ ...cycleQuery(cycle), enabled: cycle !== "" });
  return cycle === "" ? newest : chosen;
}

/** The cycle that it is compared with: null where there is none, undefined until that is known. */
export function usePrevious(cycle: Cycle | null | undefined): Cycle | null | undefined {
  const { data } = useQuery({
    ...historyQuery(LOOKED_BACK, cycle?.created_at ?? null),
    placeholderData: undefined,
    enabled: cycle != null,
  });
  return cycle && data ? previousComparable(cycle, data.cycles) : undefined;
}
