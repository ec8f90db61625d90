import { expect, test } from "vitest";
import { matching, type Row, rowsCsv } from "./rows";

const row = (changes: Partial<Row>): Row => ({
  item_code: "00123",
  operation_code: "C040",
  operation_name: "복합 가공",
  work_centre: "W0805",
  setup_minutes: 33,
  run_minutes_per_unit: 30.6,
  factor: 0.5,
  low: 0.4,
  high: 0.6,
  lots: 3,
  standard_minutes_per_lot: 300,
  minutes_per_year: 500,
  work_order_codes: ["W1", "W2"],
  ...changes,
});

test("every word must occur, in any column and any case; Korean typed apart is found too", () => {
  const rows = [row({}), row({ item_code: "ITEM-7", operation_name: null, work_centre: null })];
  expect(matching(rows, "w0805 00123")).toEqual([rows[0]]);
  expect(matching(rows, "item-7 c040")).toEqual([rows[1]]);
  expect(matching(rows, "복합".normalize("NFD"))).toEqual([rows[0]]);
  expect(matching(rows, " ")).toEqual(rows);
});

test("codes are kept to the letter and formulas are made harmless", () => {
  const text = rowsCsv([row({ operation_name: "=1+1" })]);
  expect(text.startsWith("\uFEFFitem_code,")).toBe(true);
  expect(text).toContain("\r\n00123,C040,'=1+1,W0805,33,");
});
