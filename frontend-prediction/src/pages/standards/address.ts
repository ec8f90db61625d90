import { sorting, text, useUrlState } from "@/shared/url_state";

/** What of this page stands in its address: the text looked for, the sorting, the row whose evidence is open. */
const ADDRESS = { q: text(), sort: sorting(), item: text(), operation: text() };

export function useAddress() {
  return useUrlState(ADDRESS);
}
