import { act, cleanup, renderHook } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { changeEdit, discardEdit, redoEdit, startEdit, undoEdit, useEdit } from "./edits";
import { type Step, withField } from "./steps";

const step: Step = {
  id: "A",
  sequence: 10,
  operation_code: "A",
  operation_name: "",
  work_centre: "W",
  in_house: true,
  setup_minutes: 1,
  run_minutes_per_unit: 1,
  predicted: null,
};
const type = (minutes: number) =>
  changeEdit("I", (steps) => withField(steps, "A", "setup_minutes", minutes), "A:setup_minutes");

afterEach(() => {
  cleanup();
  discardEdit("I");
});

test("typing in one cell is undone at once, and redone", () => {
  const { result } = renderHook(() => useEdit("I"));
  const minutes = () => result.current?.steps[0]?.setup_minutes;
  act(() => startEdit("I", { modelVersion: "v", steps: [step] }));
  act(() => type(2));
  act(() => type(25));
  expect([minutes(), result.current?.canUndo]).toEqual([25, true]);
  act(() => undoEdit("I"));
  expect([minutes(), result.current?.canUndo, result.current?.canRedo]).toEqual([1, false, true]);
  act(() => redoEdit("I"));
  expect(minutes()).toBe(25);
});

test("an edit is kept in the session's storage, and gone from it when discarded", () => {
  const { result } = renderHook(() => useEdit("I"));
  act(() => startEdit("I", { modelVersion: "v", steps: [step] }));
  expect(sessionStorage.getItem("routing-ml-predict-edits")).toContain('"modelVersion":"v"');
  expect(result.current?.isKept).toBe(true);
  act(() => discardEdit("I"));
  expect(sessionStorage.getItem("routing-ml-predict-edits")).toBeNull();
  expect(result.current).toBeNull();
});
