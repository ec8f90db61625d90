import type { ReactNode } from "react";

/** One column of a table. */
export interface Column<Row> {
  key: string;
  /** In the user's language. */
  title: string;
  /** Stands in the header, so that no cell repeats it. */
  unit?: string;
  /** Right-aligned, with digits of one width. */
  numeric?: boolean;
  /** What the column is sorted by; without it the column cannot be sorted. */
  sortBy?: (row: Row) => string | number | null | undefined;
  show: (row: Row) => ReactNode;
  /** CSS width, such as "9rem"; the rest is shared among columns without one. */
  width?: string;
}

/** How a table is sorted; in an address "minutes" is ascending, "-minutes" descending. */
export interface Sorting {
  key: string;
  descending: boolean;
}

/** Sort rows by a column; rows without a value stay last in both directions, equal ones keep their order. */
export function sortRows<Row>(rows: readonly Row[], columns: readonly Column<Row>[], sorting: Sorting | null): Row[] {
  const sortBy = columns.find((column) => column.key === sorting?.key)?.sortBy;
  if (!sortBy || !sorting) return [...rows];
  const sign = sorting.descending ? -1 : 1;
  return [...rows].sort((first, second) => {
    const [one, other] = [sortBy(first) ?? null, sortBy(second) ?? null];
    if (one === null || other === null) return Number(one === null) - Number(other === null);
    return sign * compare(one, other);
  });
}

/** The sorting after a click on a column's header: numbers begin with the largest, texts with the first. */
export function nextSorting<Row>(column: Column<Row>, now: Sorting | null): Sorting {
  return { key: column.key, descending: now?.key === column.key ? !now.descending : Boolean(column.numeric) };
}

function compare(one: string | number, other: string | number): number {
  return typeof one === "number" && typeof other === "number"
    ? one - other
    : String(one).localeCompare(String(other), undefined, { numeric: true });
}
