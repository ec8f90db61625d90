import { expect, test } from "vitest";
import type { KeySchema, Value } from "./fields";
import { flawOf } from "./flaws";

const schema = (part: Partial<KeySchema>) =>
  ({ writable: true, effect: "restart", description: "", ...part }) as KeySchema;
const WHOLE = schema({ type: "integer", minimum: 1, maximum: 100 });
const LEVEL = schema({ type: "number", exclusiveMinimum: 0, exclusiveMaximum: 0.5 });
const CRON = schema({ type: "string", unit: "cron" });
const LIST = schema({ type: "array", items: { enum: ["a", "b"] } });

test.each<[string, KeySchema, Value, string | null]>([
  ["the smallest", WHOLE, 1, null],
  ["below it", WHOLE, 0, "range"],
  ["above the largest", WHOLE, 101, "range"],
  ["a fraction", WHOLE, 1.5, "whole"],
  ["an empty field", WHOLE, "", "number"],
  ["half a number", LEVEL, "-", "number"],
  ["an open end itself", LEVEL, 0.5, "range"],
  ["just within", LEVEL, 0.4999, null],
  ["five fields", CRON, "30 2 * * mon", null],
  ["never", CRON, "", null],
  ["four fields", CRON, "30 2 * *", "cron"],
  ["croniter's own letters", CRON, "R R * * *", "cron"],
  ["nothing chosen", LIST, [], "none"],
  ["one chosen", LIST, ["a"], null],
])("%s", (_name, given, value, flaw) => expect(flawOf(given, value)).toBe(flaw));
