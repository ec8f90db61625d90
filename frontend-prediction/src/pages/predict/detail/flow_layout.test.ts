import { expect, test } from "vitest";
import { align } from "../alignment";
import type { Operation } from "../routing";
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
const laid = (left: string, right: string) => layOut(align(routing(left), routing(right), 1));

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
