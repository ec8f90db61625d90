import { expect, test } from "vitest";
import type { Cycle } from "./cycles";
import { cyclesCsv } from "./exporting";

test("every row of the file has a cell per column", () => {
  const cycle = {
    cycle_id: "cycle_1",
    created_at: "2026-03-03T00:00:00Z",
    status: "ok",
    model_version: "version_1",
    mae: 4.25,
    intervals: { mae: [4, 4.5] },
    sample_count: { items: 3, operations: 9 },
    window: { start: null, end: null },
    sampling: { strategy: "random", sample_size: 500, seed: 0 },
    alerts: [],
  } as unknown as Cycle;
  const [header = "", row = ""] = cyclesCsv([cycle]).split("\r\n");
  const cells = row.split(",");
  expect(cells.length).toBe(header.split(",").length);
  expect(header.startsWith("\uFEFFcycle_id,")).toBe(true);
  const at = (name: string) => cells[header.split(",").indexOf(name)];
  expect([at("mae"), at("mae_low"), at("mae_high"), at("items"), at("rmse")]).toEqual(["4.25", "4", "4.5", "3", ""]);
});
