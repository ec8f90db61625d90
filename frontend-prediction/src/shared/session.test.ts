import { beforeEach, expect, test } from "vitest";
import { forgetAll, isAnyKept, keep, kept, onForgetAll } from "./session";

beforeEach(() => sessionStorage.clear());

const isText = (found: unknown): found is string => typeof found === "string";

test("what is kept is known by name, and what was never kept is not", () => {
  keep("draft", "typed");
  expect([isAnyKept(["other", "draft"]), isAnyKept(["other"])]).toEqual([true, false]);
});

test("all that was kept is forgotten, in memory too, and what others keep stays", () => {
  keep("draft", "typed");
  keep("list-1", "A");
  sessionStorage.setItem("of-the-router", "place");
  let inMemory = "typed";
  onForgetAll(() => {
    inMemory = "";
  });
  forgetAll();
  expect([kept("draft", isText), kept("list-1", isText), inMemory]).toEqual([null, null, ""]);
  expect(sessionStorage.getItem("of-the-router")).toBe("place");
});
