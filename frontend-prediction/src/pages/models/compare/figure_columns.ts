import type { FigureColumn } from "@/shared/gate/FigureTable";
import type { Comparison } from "../queries";

/** The figures of both versions, each as a column. */
export function columnsOf(comparison: Comparison): [FigureColumn, FigureColumn] {
  const side = (name: "left" | "right"): FigureColumn => ({
    title: comparison[name].version,
    metrics: Object.fromEntries(comparison.metrics.map((one) => [one.metric, one[name]])),
    intervals: Object.fromEntries(comparison.metrics.map((one) => [one.metric, one[`${name}_interval`] ?? []])),
  });
  return [side("left"), side("right")];
}
