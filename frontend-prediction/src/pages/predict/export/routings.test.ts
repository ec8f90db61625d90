import { expect, test } from "vitest";
import type { Operation, Prediction } from "../routing";
import { clipboardRows, inRequests, type Routing, routingsOf } from "./routings";

const operation: Operation = {
  sequence: 10,
  operation_code: "A",
  operation_name: "선삭",
  work_centre: "W",
  in_house: false,
  setup_minutes: 1.23456789,
  run_minutes_per_unit: 2,
};
const predicted = (code: string, operations: Operation[]): Prediction => ({
  item_code: code,
  status: "ok",
  message: "",
  quantity: 3,
  candidates: operations.length === 0 ? [] : [{ probability: 1, operations: operations as never, total_minutes: 1 }],
  similar_items: [],
  influences: [],
  reasons: [],
});
const item = (code: string, operations: Operation[]) => ({
  code,
  editName: code,
  prediction: predicted(code, operations),
  standards: null,
});

test("an edited routing goes before the proposed one; items without one, or with a gap in it, are left out", () => {
  const edits = new Map([
    ["2", { modelVersion: "v", steps: [{ ...operation, id: "x", predicted: null, setup_minutes: 9 }] }],
    ["3", { modelVersion: "v", steps: [{ ...operation, id: "x", predicted: null, work_centre: " " }] }],
  ]);
  const found = routingsOf(
    [item("00123", [operation]), item("2", [operation]), item("3", [operation]), item("4", [])],
    edits,
  );
  expect(found.map((one) => [one.item_code, one.operations[0]?.setup_minutes])).toEqual([
    ["00123", 1.23456789],
    ["2", 9],
  ]);
  expect(found[1]?.operations[0]).toEqual({ ...operation, setup_minutes: 9 });
});

test("requests hold at most 1,000 routings and stay below the largest body", () => {
  const routing: Routing = { item_code: "A", operations: [operation] };
  expect(inRequests(new Array(2_001).fill(routing)).map((one) => one.length)).toEqual([1000, 1000, 1]);
  const large = { ...routing, operations: new Array(8_000).fill(operation) };
  expect(inRequests([large, large, large, large]).length).toBeGreaterThan(1);
  expect(inRequests([])).toEqual([]);
});

test("the clipboard gets minutes as a sheet shows them", () => {
  const [row] = clipboardRows([{ item_code: "00123", quantity: 3, operations: [operation] }], {
    inHouse: "in",
    outsourced: "out",
  });
  expect(row).toEqual(["00123", 10, "A", "선삭", "W", "out", 1.2346, 2, 7.2346]);
});
