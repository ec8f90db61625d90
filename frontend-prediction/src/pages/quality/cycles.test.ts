import { afterEach, expect, test } from "vitest";
import { setPlantZone } from "@/shared/format";
import { type Cycle, endOfDay, movement, previousComparable, withinDays } from "./cycles";

afterEach(() => setPlantZone("UTC"));

const cycle = (changes: Partial<Cycle>): Cycle =>
  ({
    cycle_id: "cycle_1",
    created_at: "2026-03-03T00:00:00Z",
    status: "ok",
    sampling: { strategy: "random", sample_size: 500, seed: 0 },
    mae: 4,
    process_match: 0.9,
    intervals: {},
    ...changes,
  }) as Cycle;

test("a cycle is compared with the newest before it that judged the same way", () => {
  const now = cycle({ created_at: "2026-03-09T00:00:00Z" });
  const others = [
    cycle({ cycle_id: "later", created_at: "2026-03-10T00:00:00Z" }),
    cycle({ cycle_id: "backtest", created_at: "2026-03-08T00:00:00Z", status: "backtest" }),
    cycle({
      cycle_id: "other sample",
      created_at: "2026-03-07T00:00:00Z",
      sampling: { strategy: "all", sample_size: 500, seed: 0 },
    }),
    cycle({ cycle_id: "older", created_at: "2026-03-05T00:00:00Z" }),
    cycle({ cycle_id: "right", created_at: "2026-03-06T00:00:00Z" }),
  ];
  expect(previousComparable(now, others)?.cycle_id).toBe("right");
  expect(previousComparable(now, [])).toBeNull();
});

test("less error is better, less match is worse", () => {
  const [before, now] = [cycle({}), cycle({ mae: 3, process_match: 0.8 })];
  expect(movement("mae", now, before)).toEqual({ change: -1, verdict: "better" });
  expect(movement("process_match", now, before)?.verdict).toBe("worse");
  expect(movement("mae", before, before)?.verdict).toBe("same");
  expect(movement("mae", cycle({ mae: null }), before)).toBeNull();
});

test("a movement within the 95 % interval is called chance", () => {
  const now = cycle({ mae: 4.4, intervals: { mae: [3.9, 4.9] } });
  expect(movement("mae", now, cycle({ mae: 4 }))?.verdict).toBe("withinChance");
  expect(movement("mae", now, cycle({ mae: 3.8 }))?.verdict).toBe("worse");
});

test("days are those of the plant's zone", () => {
  setPlantZone("Asia/Seoul");
  const rows = [{ created_at: "2026-03-03T14:59:00Z" }, { created_at: "2026-03-03T15:00:00Z" }];
  expect(withinDays(rows, "2026-03-04", "")).toEqual([rows[1]]);
  expect(withinDays(rows, "", "2026-03-03")).toEqual([rows[0]]);
  expect(withinDays(rows, "", "")).toEqual(rows);
  expect(endOfDay("2026-03-03")).toBe("2026-03-03T15:00:00.000Z");
  setPlantZone("America/New_York");
  expect(endOfDay("2026-01-31")).toBe("2026-02-01T05:00:00.000Z");
});
