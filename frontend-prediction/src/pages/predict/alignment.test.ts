import { expect, test } from "vitest";
import { align } from "./alignment";
import type { Operation } from "./routing";

const operation = (code: string, changes: Partial<Operation> = {}): Operation => ({
  sequence: 10,
  operation_code: code,
  operation_name: "",
  work_centre: "W1",
  in_house: true,
  setup_minutes: 10,
  run_minutes_per_unit: 1,
  ...changes,
});
const routing = (codes: string) => [...codes].map((code) => operation(code));
const written = (left: Operation[], right: Operation[]) =>
  align(left, right, 10).map((row) => `${row.left?.operation_code ?? "-"}${row.right?.operation_code ?? "-"}`);

test("operations are aligned by code, whatever their numbers are", () => {
  const renumbered = routing("ABC").map((one, index) => ({ ...one, sequence: 5 * index }));
  expect(align(routing("ABC"), renumbered, 10).map((row) => row.kind)).toEqual(["same", "same", "same"]);
});

test("what one side alone has stands in its place", () => {
  expect(written(routing("ABCD"), routing("AXCD"))).toEqual(["AA", "B-", "-X", "CC", "DD"]);
  expect(written(routing(""), routing("AB"))).toEqual(["-A", "-B"]);
  expect(written(routing("AAB"), routing("AB"))).toHaveLength(3);
});

test("a pair says which of its fields differ; minutes from a tenth on", () => {
  const [changed] = align(
    [operation("A")],
    [operation("A", { work_centre: "W2", in_house: false, setup_minutes: 13 })],
    10,
  );
  expect(changed).toMatchObject({ kind: "changed", fields: ["work_centre", "in_house", "minutes"] });
  expect(align([operation("A")], [operation("A", { setup_minutes: 11 })], 10)[0]?.kind).toBe("same");
});
