import { expect, test } from "vitest";
import { inDays } from "./routing";

const lasting = (minutes: number) => ({ setup_minutes: 0, run_minutes_per_unit: minutes });

test("a total is told in days too where most operations take days", () => {
  expect(inDays(7_200, [lasting(60), lasting(2_880), lasting(4_260)], 1)).toBe(5);
  expect(inDays(7_200, [lasting(60), lasting(90), lasting(7_050)], 1)).toBeNull();
  expect(inDays(0, [], 1)).toBeNull();
});
