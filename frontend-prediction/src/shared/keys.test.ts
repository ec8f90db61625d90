import { act, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { keyNames, onKeyDown, type Shortcut, useShortcuts, useSingleKeys } from "./keys";

const run = { palette: vi.fn(), help: vi.fn(), go: vi.fn(), plain: vi.fn() };
const shortcuts: Shortcut[] = [
  { code: "KeyK", ctrl: true, label: "palette", run: run.palette },
  { code: "Slash", shift: true, label: "help", run: run.help },
  { code: "KeyP", after: "KeyG", label: "go", run: run.go },
  { code: "KeyP", label: "plain", run: run.plain },
];
const press = (code: string, more: KeyboardEventInit = {}) =>
  document.activeElement?.dispatchEvent(new KeyboardEvent("keydown", { code, bubbles: true, ...more }));

beforeEach(() => {
  globalThis.addEventListener("keydown", onKeyDown);
  renderHook(() => useShortcuts(shortcuts));
});
afterEach(() => {
  globalThis.removeEventListener("keydown", onKeyDown);
  document.body.replaceChildren();
  localStorage.clear();
  vi.clearAllMocks();
});

test("keys are told by their place, so a Korean input method changes nothing", () => {
  press("KeyK", { ctrlKey: true, key: "ㅏ" });
  press("Slash", { shiftKey: true });
  expect(run.palette).toHaveBeenCalledOnce();
  expect(run.help).toHaveBeenCalledOnce();
});

test("g then p is not p alone", () => {
  press("KeyG");
  press("KeyP");
  expect([run.go, run.plain].map((one) => one.mock.calls.length)).toEqual([1, 0]);
  press("KeyP");
  expect([run.go, run.plain].map((one) => one.mock.calls.length)).toEqual([1, 1]);
});

test("while somebody types, single keys are letters and Ctrl still works", () => {
  document.body.append(Object.assign(document.createElement("input"), { id: "field" }));
  document.getElementById("field")?.focus();
  press("KeyP");
  press("KeyK", { ctrlKey: true });
  expect([run.plain, run.palette].map((one) => one.mock.calls.length)).toEqual([0, 1]);
});

test("single keys can be switched off", () => {
  const { result } = renderHook(() => useSingleKeys());
  act(() => result.current[1](false));
  press("KeyP");
  press("KeyK", { ctrlKey: true });
  expect([run.plain, run.palette].map((one) => one.mock.calls.length)).toEqual([0, 1]);
});

test("shortcuts are written as they are pressed", () => {
  expect(shortcuts.map((one) => keyNames(one).join(" "))).toEqual(["Ctrl K", "?", "G P", "P"]);
});
