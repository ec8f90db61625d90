import { expect, test } from "vitest";
import { type AttributeView, attributesOf, changedAttributes, typedOf, wrongNumbers } from "./draft";

const attribute = (name: string, kind: AttributeView["kind"]): AttributeView => ({
  name,
  kind,
  label: null,
  unit: null,
  weight: 0,
  filled_share: 1,
  distinct_values: null,
  values: [],
  numbers: null,
});
const attributes = [attribute("PART", "categorical"), attribute("OUTER", "numeric"), attribute("NAME", "text")];

test("filled fields are sent, numbers as numbers, codes of categories as text", () => {
  expect(attributesOf({ PART: " 58 ", OUTER: "1,052.5", NAME: " ", OTHER: "x" }, attributes)).toEqual({
    PART: "58",
    OUTER: 1052.5,
  });
});

test("what is no number is named", () => {
  expect(wrongNumbers({ OUTER: "wide", PART: "x" }, attributes)).toEqual(["OUTER"]);
  expect(wrongNumbers({ OUTER: "-3" }, attributes)).toEqual([]);
});

test("a copied item fills the form, and what was changed since is told", () => {
  const copied = { PART: "58", OUTER: 10, NAME: null };
  expect(typedOf(copied)).toEqual({ PART: "58", OUTER: "10" });
  expect(changedAttributes(copied, { PART: "58", OUTER: 12 })).toEqual([{ name: "OUTER", before: 10, now: 12 }]);
});
