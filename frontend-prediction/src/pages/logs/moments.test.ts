import { afterEach, expect, test } from "vitest";
import { setPlantZone } from "@/shared/format";
import { fromLocalField, toLocalField } from "./moments";

afterEach(() => setPlantZone(null));

test.each([
  ["Asia/Seoul", "2026-03-03T09:05", "2026-03-03T00:05:00.000Z"],
  ["Europe/Berlin", "2026-07-03T09:05", "2026-07-03T07:05:00.000Z"],
  ["America/New_York", "2026-03-08T01:30", "2026-03-08T06:30:00.000Z"], // half an hour before summer time
  ["UTC", "2026-03-03T09:05", "2026-03-03T09:05:00.000Z"],
])("on the clock of %s %s is %s", (zone, field, moment) => {
  setPlantZone(zone);
  expect(fromLocalField(field)).toBe(moment);
  expect(toLocalField(moment)).toBe(field);
});

test("an empty field asks for nothing", () => {
  expect([fromLocalField(""), toLocalField("")]).toEqual(["", ""]);
});
