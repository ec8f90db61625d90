import { expect, test } from "vitest";
import type { Schemas } from "@/api/client";
import type { Cycle } from "./cycles";
import { deploymentsOf, isMajor, markDeployments } from "./marks";

const entry = (audit_id: number, day: number, action: string, details: Record<string, unknown> = {}) =>
  ({
    audit_id,
    created_at: `2026-03-0${day}T00:00:00Z`,
    actor: "api",
    action,
    subject: `version_${audit_id}`,
    details,
  }) as Schemas["AuditEntryView"];
const cycles = [2, 4, 6].map((day) => ({ created_at: `2026-03-0${day}T12:00:00Z` }) as Cycle);

test("deployments stand between the cycles around them; before the first only the last counts", () => {
  const found = deploymentsOf([
    entry(5, 7, "model.rollback"),
    entry(4, 5, "model.activate"),
    entry(3, 5, "model.deploy", { kind: "refresh" }),
    entry(2, 2, "model.deploy", { kind: "training" }),
    entry(1, 1, "model.deploy", { kind: "training" }),
    entry(6, 6, "promotion.release"),
  ]);
  const marks = markDeployments(found, cycles);
  expect(marks.map((mark) => [mark.position, mark.deployments.map((one) => one.version)])).toEqual([
    [-0.5, ["version_2"]],
    [1.5, ["version_3", "version_4"]],
    [2.5, ["version_5"]],
  ]);
});

test("a refresh alone is a small mark", () => {
  const mark = (action: string, kind?: string) =>
    markDeployments(deploymentsOf([entry(1, 3, action, { kind })]), cycles).map(isMajor);
  expect(mark("model.deploy", "refresh")).toEqual([false]);
  expect(mark("model.deploy", "training")).toEqual([true]);
  expect(mark("model.rollback")).toEqual([true]);
});
