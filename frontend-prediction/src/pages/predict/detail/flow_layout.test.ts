import { expect, test } from "vitest";
import { align } from "../alignment";
import type { Operation } from "../routing";
import { folded, unfolded } from "./flow_folding";
import { layOut } from "./flow_layout";

const routing = (codes: string): Operation[] =>
  [...codes].map((code) => ({
    sequence: 10,
    operation_code: code,
    operation_name: "",
    work_centre: "W",
    in_house: true,
    setup_minutes: 1,
    run_minutes_per_unit: 1,
  }));
const laid = (left: string, right: string) => layOut(unfolded(align(routing(left), routing(right), 1)));

test("two equal routings are one line", () => {
  const { steps, arrows } = laid("ABC", "ABC");
  expect(steps.map(({ place, lane }) => [place, lane])).toEqual([
    [0, 0],
    [1, 0],
    [2, 0],
  ]);
  expect(arrows.map(({ from, to, lane }) => [from, to, lane])).toEqual([
    ["s0", "s1", "shown"],
    ["s1", "s2", "shown"],
  ]);
});

test("where one goes another way, both ways join again behind it", () => {
  const { steps, arrows } = laid("AXC", "AYYC");
  expect(steps.map(({ operation, place, lane }) => `${operation.operation_code}${place}${lane}`)).toEqual([
    "A00",
    "X1-1",
    "Y11",
    "Y21",
    "C30",
  ]);
  expect(arrows).toContainEqual({ from: "s1", to: "s4", lane: "shown" });
  expect(arrows).toContainEqual({ from: "s3", to: "s4", lane: "other" });
});

const fold = (left: string, right: string, opened: number[] = []) =>
  folded(align(routing(left), routing(right), 1), new Set(opened)).map(({ left, right, run }) =>
    run ? run.map((one) => one.operation_code).join("") : (left ?? right)?.operation_code,
  );
const many = (code: string, count: number) => code.repeat(count);

test("a flow of 30 operations is drawn whole", () => {
  expect(fold(many("A", 30), many("A", 30))).toHaveLength(30);
});

test("of a longer one what both routings do is folded, what differs stays to be seen, and a run can be opened", () => {
  const [left, right] = [`${many("A", 20)}X${many("B", 20)}`, `${many("A", 20)}Y${many("B", 20)}`];
  expect(fold(left, right)).toEqual([many("A", 20), "X", "Y", many("B", 20)]);
  expect(fold(left, right, [0])).toEqual([...many("A", 20), "X", "Y", many("B", 20)]);
});

test("runs are folded into equal parts of at most 50, and fewer than four operations are not", () => {
  const [left, right] = [`${many("A", 3)}X${many("B", 120)}`, `${many("A", 3)}Y${many("B", 120)}`];
  expect(fold(left, right)).toEqual([..."AAA", "X", "Y", many("B", 40), many("B", 40), many("B", 40)]);
});

test("an outsourced operation is never folded away", () => {
  const out = [...routing(many("A", 20)), ...routing("P").map((one) => ({ ...one, in_house: false }))];
  const rows = folded(align([...out, ...routing(many("B", 20))], [...out, ...routing(many("B", 20))], 1), new Set());
  expect(rows.map(({ left, run }) => (run ? run.length : left?.operation_code))).toEqual([20, "P", 20]);
});
