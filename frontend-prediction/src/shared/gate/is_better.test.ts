import { expect, test } from "vitest";
import { isBetter } from "./is_better";

test.each([
  ["mae", 5, 4, true],
  ["mae", 4, 5, false],
  ["process_match", 0.8, 0.9, true],
  ["process_match", 0.9, 0.8, false],
  ["cv", 0.3, 0.3, null],
] as const)("%s from %d to %d", (metric, before, after, better) => {
  expect(isBetter(metric, before, after)).toBe(better);
});
