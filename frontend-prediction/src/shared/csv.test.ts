import { expect, test } from "vitest";
import { toCsv, toTabs } from "./csv";

const written = (...cells: (string | number | boolean | null)[]) => toCsv(["x"], [cells]).split("\r\n")[1];

test("a file begins with a byte order mark and ends every line", () => {
  expect(toCsv(["품목", "분"], [["A", 1.5]])).toBe("\uFEFF품목,분\r\nA,1.5\r\n");
});

test.each([["=1+1"], ["+cmd"], ["@SUM(A1)"], ["-2+3"], ["\tx"]])("the formula %s becomes text", (text) => {
  expect(written(text)).toBe(`'${text}`);
});

test("numbers stay numbers, negative ones too, and codes keep their zeros", () => {
  expect(written(-3, "-3", "00123", "-1.5e3", true, null)).toBe("-3,-3,00123,-1.5e3,true,");
});

test("quotes, commas and line breaks are quoted", () => {
  expect(written('a "b"', "c,d", "e\nf")).toBe('"a ""b""","c,d","e\nf"');
});

test("for the clipboard tabs separate, and a cell's own are spaces", () => {
  expect(
    toTabs(
      ["a", "b"],
      [
        ["=1", "x\ty\nz"],
        ["00123", 1.5],
      ],
    ),
  ).toBe("a\tb\r\n'=1\tx y z\r\n00123\t1.5\r\n");
});
