import type { ChartPoint } from "./points";
import type { Series } from "./series";

const LEAST_PX = 54;
const TICK_PX = 14; // the tick itself, and room to both sides of its label
const CHARACTER_PX = 7.5;
const ROUNDED_UP = 1.3; // the topmost tick stands above the largest value, seldom by more

/** How wide an axis must be for its longest label: minutes of a plant that works for weeks have six digits. */
export function axisWidth(
  points: readonly ChartPoint[],
  series: readonly Series[],
  threshold: number | null,
  formatTick: (value: number) => string,
): number {
  let largest = threshold ?? 0;
  for (const point of points) {
    for (const { key } of series) largest = Math.max(largest, Number(point[key as keyof ChartPoint]));
  }
  const label = formatTick(Math.ceil(ROUNDED_UP * largest));
  return Math.max(LEAST_PX, Math.ceil(TICK_PX + CHARACTER_PX * label.length));
}
