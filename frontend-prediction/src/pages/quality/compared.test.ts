import { expect, test } from "vitest";
import type { Schemas } from "@/api/client";
import { compared } from "./compared";

const predicted = {
  operation_code: "OP10",
  operation_name: "선삭",
  work_centre: "WC-1",
  in_house: true,
  minutes: 100,
  low: 80,
  high: 120,
};
const actual = { operation_code: "OP10", work_centre: "WC-1", in_house: true, minutes: 110 };
const notes = (...operations: Schemas["AlignedOperation"][]) =>
  compared({ operations } as unknown as Schemas["JudgedLotView"]).map((row) => [row.difference, row.notes]);

test("an operation as it was foreseen has no note", () => {
  expect(notes({ predicted, actual })).toEqual([[10, []]]);
});

test("what differs is named: lacking on one side, other place, outside the range, not judged", () => {
  expect(notes({ predicted: null, actual }, { predicted, actual: null })).toEqual([
    [null, ["missing"]],
    [null, ["extra"]],
  ]);
  const elsewhere = { ...actual, work_centre: "WC-2", in_house: false, minutes: 130 };
  expect(notes({ predicted, actual: elsewhere })).toEqual([[30, ["otherCentre", "otherPlace", "outside"]]]);
  const unknown = { ...actual, work_centre: null, in_house: null, minutes: null };
  expect(notes({ predicted, actual: unknown })).toEqual([[null, ["notJudged"]]]);
});
