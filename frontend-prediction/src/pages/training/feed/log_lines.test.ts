import { expect, test } from "vitest";
import { LogLines, linesBehind } from "./log_lines";

test("lines told twice are kept once, in order", () => {
  const log = new LogLines();
  log.add(0, ["a", "b"]);
  log.add(0, ["a", "b", "c"]); // a stream that began anew
  log.add(1, ["b"]);
  expect(log.from(0)).toEqual(["a", "b", "c"]);
  expect(log.from(2)).toEqual(["c"]);
});

test("a gap is refused and said, so that what is missing can be asked for", () => {
  const log = new LogLines();
  expect(log.add(0, ["a"])).toBe(true);
  expect(log.add(2, ["c"])).toBe(false);
  expect(log.from(0)).toEqual(["a"]);
});

test("an event's id says how many lines are known behind it", () => {
  expect(linesBehind("7.120")).toBe(120);
});
