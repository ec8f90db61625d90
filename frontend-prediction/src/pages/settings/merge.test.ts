import { expect, test } from "vitest";
import type { Field, KeySchema } from "./fields";
import { differences, merged } from "./merge";

const field = (path: string): Field => {
  const [section = "", key = ""] = path.split(".");
  return { section, key, path, schema: {} as KeySchema };
};
const FIELDS = ["queue.max_size", "queue.cooldown_hours", "watch.days", "training.families"].map(field);
const values = (size: number, hours: number, days: number, families: string[]) => ({
  queue: { max_size: size, cooldown_hours: hours },
  watch: { days },
  training: { families },
});
const BASE = values(3, 24, 14, ["a", "b"]);

test("who alone has changed a setting is suggested, and where both have nobody is", () => {
  const mine = values(4, 24, 7, ["a", "b"]);
  const theirs = values(3, 12, 21, ["a", "b"]);
  const found = differences(FIELDS, BASE, mine, theirs);

  expect(found.map((one) => [one.field.path, one.suggested])).toEqual([
    ["queue.max_size", "mine"],
    ["queue.cooldown_hours", "theirs"],
    ["watch.days", null],
  ]);
  expect(merged(theirs, found, { "watch.days": "mine" })).toEqual(values(4, 12, 7, ["a", "b"]));
  expect(merged(theirs, found, { "watch.days": "theirs" })).toEqual(values(4, 12, 21, ["a", "b"]));
});

test("the same change on both sides is no difference, lists included", () => {
  expect(differences(FIELDS, BASE, values(5, 24, 14, ["b"]), values(5, 24, 14, ["b"]))).toEqual([]);
});
