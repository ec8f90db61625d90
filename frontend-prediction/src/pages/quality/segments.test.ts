import { expect, test } from "vitest";
import type { Schemas } from "@/api/client";
import { moved, segmentOf, wapeChange } from "./segments";

const cycle = (...segments: object[]) => ({ segments }) as unknown as Schemas["Cycle"];

test("a segment is compared with the one of the same kind and value", () => {
  const now = cycle(
    { dimension: "operation", value: "A", wape: 0.3 },
    { dimension: "work_centre", value: "A", wape: 0.2 },
  );
  const rows = moved(now, cycle({ dimension: "work_centre", value: "A", wape: 0.15 }));
  expect(rows.map((row) => row.key)).toEqual(["operation:A", "work_centre:A"]);
  const [unknown, known] = rows.map(wapeChange);
  expect(unknown).toBeNull();
  expect(known).toBeCloseTo(5);
});

test("a key names its segment, whatever stands in the value", () => {
  expect(segmentOf("part_type:58#15:a")).toEqual({ dimension: "part_type", value: "58#15:a" });
  for (const key of ["", "all", "operation:", "colour:red"]) expect(segmentOf(key)).toBeNull();
});
