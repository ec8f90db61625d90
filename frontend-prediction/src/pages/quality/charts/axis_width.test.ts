import { expect, test } from "vitest";
import { axisWidth } from "./axis_width";
import type { ChartPoint } from "./points";
import { STYLES } from "./series";

const point = (mae: number | null, rmse: number) => ({ mae, rmse, process_match: 0.98 }) as ChartPoint;
const series = ["mae", "rmse"].map((key) => ({ key, name: key, style: STYLES.first }));
const format = (value: number) => `${value.toLocaleString("en-GB")} min`;

test("an axis is as wide as the longest label needs, and no narrower than usual", () => {
  expect(axisWidth([point(3, 6), point(null, 7)], series, null, format)).toBe(59);
  expect(axisWidth([point(3, 6)], [], null, String)).toBe(54);
  const wide = axisWidth([point(null, 11_668), point(11_000, 23_079)], series, null, format);
  expect(wide).toBe(14 + 7.5 * "30,003 min".length);
});

test("a threshold above all values counts too", () => {
  const maeAlone = series.slice(0, 1);
  expect(axisWidth([point(3, 6)], maeAlone, 1_000_000, format)).toBeGreaterThan(
    axisWidth([point(3, 6)], maeAlone, null, format),
  );
});
