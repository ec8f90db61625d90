import type { Operation } from "../routing";
import type { FlowRow } from "./flow_folding";

/** One box of the flow. */
export interface FlowStep {
  id: string;
  operation: Operation;
  /** Operations that the box stands for together; null where it is one. */
  run: Operation[] | null;
  at: number;
  /** How many operations stand before it at most. */
  place: number;
  /** 0 where both routings pass, 1 (right) where only the compared one does; what only the shown one has stands left (-1). */
  lane: -1 | 0 | 1;
  isOnlyShown: boolean;
}

interface FlowArrow {
  from: string;
  to: string;
  lane: "shown" | "other";
}

/** Boxes and arrows, and how many boxes stand one behind the other at most. */
interface Flow {
  steps: FlowStep[];
  arrows: FlowArrow[];
  places: number;
}

/** Place two aligned routings: common operations in the middle, ways of one alone left and right. */
export function layOut(rows: readonly FlowRow[]): Flow {
  const steps: FlowStep[] = [];
  const arrows: FlowArrow[] = [];
  const next = { shown: 0, other: 0 };
  const before: { shown: string | null; other: string | null } = { shown: null, other: null };
  for (const row of rows) {
    const operation = row.left ?? row.right;
    if (!operation) continue;
    const id = `s${row.at}`;
    const routes = [...(row.left ? (["shown"] as const) : []), ...(row.right ? (["other"] as const) : [])];
    const place = Math.max(...routes.map((route) => next[route]));
    const lane = routes.length === 2 ? 0 : row.left ? -1 : 1;
    steps.push({ id, operation, run: row.run, at: row.at, place, lane, isOnlyShown: row.right === null });
    for (const route of routes) {
      const from = before[route];
      const isDrawn = arrows.at(-1)?.from === from && arrows.at(-1)?.to === id;
      if (from && !isDrawn) arrows.push({ from, to: id, lane: route });
      before[route] = id;
      next[route] = place + 1;
    }
  }
  return { steps, arrows, places: Math.max(next.shown, next.other) };
}
