import { day, oneOf, sorting, text, useUrlState, wholeNumber } from "@/shared/url_state";

export const SEVERITIES = ["all", "warning", "critical"] as const;
export const LAST = [10, 20, 50, 100, 200] as const;

export const ALL_ITEMS = "all";

/** What of this page stands in its address. */
const ADDRESS = {
  last: wholeNumber(50, { min: 1, max: 1000 }),
  from: day(),
  to: day(),
  severity: oneOf(SEVERITIES, "all"),
  /** The cycle that is looked at; empty for the newest. */
  cycle: text(),
  /** The kind of segment that is listed; empty for all. */
  dimension: text(),
  sort: sorting(),
  /** Whose items are listed: "operation:C010", ALL_ITEMS, or nothing. */
  segment: text(),
  itemSort: sorting(),
  /** The item whose lots are shown. */
  item: text(),
};

export function useAddress() {
  return useUrlState(ADDRESS);
}
