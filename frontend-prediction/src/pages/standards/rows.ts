import type { Schemas } from "@/api/client";
import { type Cell, toCsv } from "@/shared/csv";

export type Row = Schemas["StaleStandardView"];

/** An item's operation names one row; codes hold no line feed. */
export function keyOf(row: Row): string {
  return `${row.item_code}\n${row.operation_code}`;
}

/** Rows in which every word of the text occurs: in item, operation or work centre, letters of any case. */
export function matching(rows: readonly Row[], text: string): Row[] {
  const words = text.normalize("NFC").toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter((row) => {
    const said = [row.item_code, row.operation_code, row.operation_name, row.work_centre].join("\n").toLowerCase();
    return words.every((word) => said.includes(word));
  });
}

export function minutesLost(rows: readonly Row[]): number {
  return rows.reduce((sum, row) => sum + row.minutes_per_year, 0);
}

const COLUMNS = [
  "item_code",
  "operation_code",
  "operation_name",
  "work_centre",
  "setup_minutes",
  "run_minutes_per_unit",
  "factor",
  "low",
  "high",
  "lots",
  "standard_minutes_per_lot",
  "minutes_per_year",
] as const;

/** The rows with the backend's own names, as `routing-ml` writes them. */
export function rowsCsv(rows: readonly Row[]): string {
  const cells = (row: Row): Cell[] => [...COLUMNS.map((name) => row[name]), row.work_order_codes.join(" ")];
  return toCsv([...COLUMNS, "work_order_codes"], rows.map(cells));
}
