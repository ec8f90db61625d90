import { expect, test } from "vitest";
import { day, oneOf, readParams, sorting, text, wholeNumber, writeParams } from "./url_state";

const spec = {
  tab: oneOf(["list", "chart"], "list"),
  last: wholeNumber(50, { min: 1, max: 200 }),
  item: text(),
  since: day(),
};

test("valid values are read as they stand, codes with their zeros", () => {
  expect(readParams(spec, { tab: "chart", last: "7", item: "00123", since: "2026-03-03" })).toEqual({
    tab: "chart",
    last: 7,
    item: "00123",
    since: "2026-03-03",
  });
});

test("what is not valid counts as absent", () => {
  const fallback = { tab: "list", last: 50, item: "", since: "" };
  expect(readParams(spec, { tab: "x", last: "1e9", since: "2026-99-99" })).toEqual(fallback);
  expect(readParams(spec, { last: "0" })).toEqual(fallback);
});

test("what is written can be read, fallbacks are left out, other parameters stay", () => {
  const written = writeParams(spec, { other: "1", tab: "chart" }, { tab: "list", last: 9 });
  expect(written).toEqual({ other: "1", last: "9" });
  expect(readParams(spec, written).last).toBe(9);
});

test("a sorting is one word", () => {
  const table = { sort: sorting() };
  expect(readParams(table, { sort: "-rows" })).toEqual({ sort: { key: "rows", descending: true } });
  expect(writeParams(table, {}, { sort: { key: "rows", descending: true } })).toEqual({ sort: "-rows" });
});
