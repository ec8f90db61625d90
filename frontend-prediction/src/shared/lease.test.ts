import { beforeEach, expect, test } from "vitest";
import { Lease } from "./lease";

beforeEach(() => localStorage.clear());

test("one tab holds it, another gets it when it is let go", () => {
  const [first, second] = [new Lease("log"), new Lease("log")];
  expect([first.hold(), second.hold(), first.hold()]).toEqual([true, false, true]);
  first.release();
  expect(second.hold()).toBe(true);
  first.release(); // no longer its own
  expect(first.hold()).toBe(false);
});

test("a tab that died loses it", () => {
  const [first, second] = [new Lease("log"), new Lease("log")];
  first.hold(1_000);
  expect(second.hold(4_000)).toBe(false);
  expect(second.hold(5_000)).toBe(true);
  expect(first.hold(5_500)).toBe(false);
});

test("two names are two rights", () => {
  expect([new Lease("a").hold(), new Lease("b").hold()]).toEqual([true, true]);
});
