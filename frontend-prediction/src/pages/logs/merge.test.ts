import { expect, test } from "vitest";
import type { Entry } from "./queries";
import { merge } from "./use_follow";

const entries = (...ids: string[]) => ids.map((id) => ({ id }) as Entry);

test("new entries stand first, and those that a new stream tells again are kept once", () => {
  expect(merge(entries("4", "3"), entries("3", "2")).map((entry) => entry.id)).toEqual(["4", "3", "2"]);
});
