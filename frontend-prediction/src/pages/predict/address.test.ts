import { beforeEach, expect, test } from "vitest";
import { readCodes, writeCodes } from "./address";

beforeEach(() => sessionStorage.clear());
const many = Array.from({ length: 1000 }, (_, index) => `ITEM-${index}`);

test("few codes stand in the address itself", () => {
  const written = writeCodes(["00123", "한글-1"]);
  expect(written).toEqual({ items: "00123,한글-1", list: "" });
  expect(readCodes({ items: "00123,한글-1", list: "" })).toEqual(["00123", "한글-1"]);
});

test("many codes stand in the session storage under a short key, always the same for the same list", () => {
  const written = writeCodes(many);
  expect(written?.items).toBe("");
  expect(written?.list.length).toBeLessThan(20);
  expect(writeCodes(many)).toEqual(written);
  expect(readCodes(written ?? { items: "", list: "" })).toEqual(many);
});

test("a list of another tab is told from an empty one", () => {
  expect(readCodes({ items: "", list: "elsewhere" })).toBeNull();
  expect(readCodes({ items: "", list: "" })).toEqual([]);
});
