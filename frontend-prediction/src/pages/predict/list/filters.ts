import type { ATTENTION_FILTERS, DECISION_FILTERS, STATUS_FILTERS } from "../address";
import type { ItemRow } from "./rows";

export interface ListFilter {
  find: string;
  status: (typeof STATUS_FILTERS)[number];
  attention: (typeof ATTENTION_FILTERS)[number];
  decision: (typeof DECISION_FILTERS)[number];
}

/** The rows that all filters let through. */
export function filterRows(rows: readonly ItemRow[], { find, status, attention, decision }: ListFilter): ItemRow[] {
  const part = find.trim().normalize("NFC").toLowerCase();
  return rows.filter(
    (row) =>
      row.code.toLowerCase().includes(part) &&
      (status === "all" || row.prediction.status === status) &&
      (attention === "all" || row.marks.length > 0 === (attention === "attention")) &&
      (decision === "all" || (row.decision !== null) === (decision === "decided")),
  );
}
