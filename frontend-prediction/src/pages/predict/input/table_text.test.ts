import { expect, test } from "vitest";
import { codeColumn, decodeText, readTable } from "./table_text";

test("quoted cells may hold separators, quotes and line ends", () => {
  expect(readTable('\uFEFFa,"b,1"\r\n"c ""2""","d\ne"\r\n\r\n')).toEqual([
    ["a", "b,1"],
    ['c "2"', "d\ne"],
  ]);
  expect(readTable("a\tb,c\n1\t2")).toEqual([
    ["a", "b,c"],
    ["1", "2"],
  ]);
});

test("the column with a usual title is taken, else the first", () => {
  const rows = [
    ["ROUT_NO", "ITEM_CODE"],
    ["01", "00123"],
  ];
  expect(codeColumn(rows)).toEqual({ cells: ["00123"], title: "ITEM_CODE", columns: 2 });
  expect(codeColumn([["A", "x"], ["B"]])).toEqual({ cells: ["A", "B"], title: null, columns: 2 });
  expect(codeColumn([])).toEqual({ cells: [], title: null, columns: 0 });
});

test("Korean is read in UTF-8 and in CP949, as Excel saves it", () => {
  expect(decodeText(new TextEncoder().encode("한글"))).toBe("한글");
  expect(decodeText(new Uint8Array([0xc7, 0xd1, 0xb1, 0xdb]))).toBe("한글");
});
