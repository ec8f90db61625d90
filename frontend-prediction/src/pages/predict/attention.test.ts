import { expect, test } from "vitest";
import { differentOperations, type ItemStandards, marksOf, USUAL_LIMITS } from "./attention";
import type { Operation, Prediction } from "./routing";

const operation = (code: string, low = 9, high = 11): Prediction["candidates"][number]["operations"][number] => ({
  sequence: 10,
  operation_code: code,
  operation_name: "",
  work_centre: "W",
  in_house: true,
  setup_minutes: 5,
  setup_range: { low: 5, high: 5 },
  run_minutes_per_unit: 1,
  run_range: { low: 1, high: 1 },
  lot_minutes: 10,
  lot_range: { low, high },
  evidence_count: 1,
});
const prediction = (changes: Partial<Prediction> = {}, probability = 0.9): Prediction => ({
  item_code: "A",
  status: "ok",
  message: "",
  quantity: 5,
  candidates: [{ probability, operations: [operation("X"), operation("Y")], total_minutes: 20 }],
  similar_items: [],
  influences: [],
  reasons: [],
  ...changes,
});
const standards = (...operations: Operation[]): ItemStandards => ({
  item_code: "A",
  status: "ok",
  routings: [{ routing_code: "01", valid_from: null, operations }],
  rows_set_aside: 0,
});
const kinds = (one: Prediction, erp: ItemStandards | null = null) =>
  marksOf(one, erp, USUAL_LIMITS).map(({ kind }) => kind);

test("an item that agrees with the ERP and is probable has no mark", () => {
  expect(kinds(prediction(), standards(operation("X"), operation("Y")))).toEqual([]);
  expect(kinds(prediction())).toEqual([]);
});

test("an item without an answer has that mark alone", () => {
  expect(kinds(prediction({ status: "not_found", candidates: [] }))).toEqual(["unanswered"]);
});

test("little evidence, a low probability and a wide range are told apart", () => {
  expect(kinds(prediction({ status: "low_evidence" }, 0.1))).toEqual(["lowEvidence"]);
  expect(kinds(prediction({}, 0.5))).toEqual(["lowProbability"]);
  const wide = [{ probability: 1, operations: [operation("X", 4, 11), operation("Y", 1, 30)], total_minutes: 20 }];
  expect(marksOf(prediction({ candidates: wide }), null, USUAL_LIMITS)).toEqual([
    { kind: "wideRange", operationCode: "Y", low: 1, high: 30, operations: 2 },
  ]);
});

test("the ERP's standard is compared by operations and by minutes of the lot", () => {
  expect(kinds(prediction(), standards(operation("X")))).toEqual(["standardSequence", "standardMinutes"]);
  const slower = { ...operation("Y"), setup_minutes: 45 };
  expect(marksOf(prediction(), standards(operation("X"), slower), USUAL_LIMITS)).toEqual([
    { kind: "standardMinutes", proposed: 20, standard: 60 },
  ]);
});

test("sequences differ by what must be changed in one to get the other", () => {
  const routing = (codes: string) => [...codes].map((code) => operation(code));
  expect(differentOperations(routing("ABCD"), routing("ACXD"))).toBe(2);
  expect(differentOperations(routing(""), routing("AB"))).toBe(2);
});

test("routings that differ by more than is looked at first are as far apart as a full table says", () => {
  const routing = (codes: readonly string[]) => codes.map((code) => operation(code));
  const numbered = (name: string, count: number) => Array.from({ length: count }, (_, index) => `${name}${index}`);
  const [common, own] = [numbered("C", 60), numbered("X", 60)];
  expect(differentOperations(routing(common), routing(own))).toBe(60);
  expect(differentOperations(routing(common), routing([...common.slice(20), ...own.slice(0, 20)]))).toBe(40);
  expect(differentOperations(routing(common), routing(common.filter((_, index) => index % 5 > 0)))).toBe(12);
});
