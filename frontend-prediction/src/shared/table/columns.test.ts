import { expect, test } from "vitest";
import { type Column, nextSorting, sortRows } from "./columns";

interface Row {
  code: string;
  minutes: number | null;
}
const columns: Column<Row>[] = [
  { key: "code", title: "code", sortBy: (row) => row.code, show: (row) => row.code },
  { key: "minutes", title: "minutes", numeric: true, sortBy: (row) => row.minutes, show: (row) => row.minutes },
];
const rows: Row[] = [
  { code: "A10", minutes: null },
  { code: "A9", minutes: 3 },
  { code: "A1", minutes: 20 },
];
const sorted = (key: string, descending: boolean) =>
  sortRows(rows, columns, { key, descending }).map((row) => row.code);

test("numbers inside codes count as numbers", () => expect(sorted("code", false)).toEqual(["A1", "A9", "A10"]));

test("rows without a value are last in both directions", () => {
  expect(sorted("minutes", false)).toEqual(["A9", "A1", "A10"]);
  expect(sorted("minutes", true)).toEqual(["A1", "A9", "A10"]);
});

test("the first click on numbers shows the largest, on texts the first; the next one turns round", () => {
  const [code, minutes] = columns as [Column<Row>, Column<Row>];
  expect(nextSorting(minutes, null)).toEqual({ key: "minutes", descending: true });
  expect(nextSorting(code, null)).toEqual({ key: "code", descending: false });
  expect(nextSorting(code, { key: "code", descending: false })).toEqual({ key: "code", descending: true });
});
