import { afterEach, describe, expect, test } from "vitest";
import { changeLanguage } from "@/i18n";
import {
  ageMs,
  formatBytes,
  formatDay,
  formatDuration,
  formatFixed,
  formatMilliseconds,
  formatMinutes,
  formatMoment,
  formatNumber,
  formatPercent,
  NO_VALUE,
  parseMoment,
  setPlantZone,
  zoneName,
} from "./format";

afterEach(async () => {
  setPlantZone(null);
  await changeLanguage("ko");
});

describe("numbers", () => {
  test("have their unit in the chosen language", async () => {
    expect([formatMinutes(1234.56), formatPercent(0.912), formatMilliseconds(1.4)]).toEqual([
      "1,234.6분",
      "91.2%",
      "1.4ms",
    ]);
    await changeLanguage("en");
    expect([formatMinutes(1234.56), formatPercent(0.912)]).toEqual(["1,234.6 min", "91.2 %"]);
    expect([formatPercent(0.0004), formatPercent(0), formatPercent(0.004, 0)]).toEqual(["< 0.1 %", "0 %", "< 1 %"]);
  });

  test("that are not there are a dash, never a zero", () => {
    expect([formatNumber(null), formatMinutes(undefined), formatPercent(Number.NaN), formatMoment(null)]).toEqual([
      NO_VALUE,
      NO_VALUE,
      NO_VALUE,
      NO_VALUE,
    ]);
    expect(formatNumber(0)).toBe("0");
    expect(formatFixed(null, 1)).toBe(NO_VALUE);
  });

  test("of a column have as many decimals as the others", () => {
    expect([formatFixed(1180, 1), formatFixed(1.26, 1)]).toEqual(["1,180.0", "1.3"]);
    expect([formatFixed(0, 2), formatFixed(0.00342, 2), formatFixed(0.005, 2)]).toEqual(["0.00", "0.0034", "0.01"]);
  });
});

describe("durations", () => {
  test.each([
    [0, "0초"],
    [59.6, "1분"],
    [3_725, "1시간 2분"],
    [90_000, "1일 1시간"],
    [86_400 + 59, "1일"],
  ])("of %d seconds are %s", (seconds, text) => expect(formatDuration(seconds)).toBe(text));
});

describe("moments", () => {
  test("are shown in the plant's zone, which is named", () => {
    setPlantZone("Asia/Seoul");
    expect(formatMoment("2026-03-02T15:30:05Z")).toBe("2026-03-03 00:30 GMT+9");
    expect(formatMoment("2026-03-02T15:30:05Z", { zone: false, seconds: true })).toBe("2026-03-03 00:30:05");
    expect(formatDay("2026-03-02T15:30:05Z")).toBe("2026-03-03");
    expect(zoneName()).toBe("GMT+9");
  });

  test("are UTC where the zone is not known, and where the API leaves the Z out", () => {
    expect(formatMoment("2026-03-02T15:30:05.123456")).toBe("2026-03-02 15:30 UTC");
    expect(parseMoment("2026-03-02T15:30:00")?.toISOString()).toBe("2026-03-02T15:30:00.000Z");
    expect(parseMoment("no time")).toBeNull();
  });

  test("have an age", () => expect(ageMs("2026-03-02T00:00:00Z", Date.UTC(2026, 2, 2, 0, 1))).toBe(60_000));
});

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [12_345, "12.3 kB"],
  [8_400_112, "8.4 MB"],
  [5e12, "5,000 GB"],
])("%d bytes are %s", (bytes, text) => expect(formatBytes(bytes)).toBe(text));
