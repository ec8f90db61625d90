import { expect, test } from "vitest";
import { parseCodes } from "./codes";

test("tabs, line ends and commas separate, duplicates are dropped and counted", () => {
  expect(parseCodes("A\tB\nA, 한글-1")).toEqual({ codes: ["A", "B", "한글-1"], duplicates: 1, refused: [] });
  expect(parseCodes("A\r\n\r\nB,\t,C\n").codes).toEqual(["A", "B", "C"]);
});

test("zeros in front, spaces inside and signs stay", () => {
  expect(parseCodes("00123\n ITEM 7 \n-5\n=1+1").codes).toEqual(["00123", "ITEM 7", "-5", "=1+1"]);
});

test("Korean that macOS takes apart is the same code, quotes and byte order marks of a cell go", () => {
  expect(parseCodes(`\uFEFF"${"한글".normalize("NFD")}"\n한글`)).toEqual({
    codes: ["한글"],
    duplicates: 1,
    refused: [],
  });
});

test("what the backend would refuse is named, so that it does not fail the others", () => {
  const long = "x".repeat(101);
  expect(parseCodes(`A\n${long}\nB\u0001`)).toEqual({ codes: ["A"], duplicates: 0, refused: [long, "B\u0001"] });
});
