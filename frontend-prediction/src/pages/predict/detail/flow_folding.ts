import type { AlignedRow } from "../alignment";
import type { Operation } from "../routing";

/** A row of the flow: one operation, or a run of them that is drawn as one box. */
export interface FlowRow extends AlignedRow {
  /** Its place, or that of the run's first operation, among all rows. */
  at: number;
  /** The operations of a folded run; null for one operation. */
  run: Operation[] | null;
}

/** Flows of more rows are folded. */
export const MOST_UNFOLDED = 30;
const SHORTEST_RUN = 4;
const LONGEST_RUN = 50;

export function unfolded(rows: readonly AlignedRow[]): FlowRow[] {
  return rows.map((row, at) => ({ ...row, at, run: null }));
}

/** Fold what both routings do in-house into runs of at most 50 operations; those whose place is in `opened` stay open. */
export function folded(rows: readonly AlignedRow[], opened: ReadonlySet<number>): FlowRow[] {
  const all = unfolded(rows);
  if (all.length <= MOST_UNFOLDED) return all;
  const found: FlowRow[] = [];
  for (let at = 0; at < all.length; ) {
    const run = runFrom(all, at);
    const taken = run.length < SHORTEST_RUN ? all.slice(at, at + Math.max(run.length, 1)) : run;
    found.push(...(taken.length < SHORTEST_RUN ? taken : inParts(taken).flatMap((part) => foldOf(part, opened))));
    at += taken.length;
  }
  return found;
}

/** The rows from a place on that no difference and no outsourced operation breaks. */
function runFrom(rows: readonly FlowRow[], at: number): FlowRow[] {
  const rest = rows.slice(at);
  const end = rest.findIndex(({ left, right }) => !left || !right || !left.in_house || !right.in_house);
  return end === -1 ? rest : rest.slice(0, end);
}

function inParts(run: readonly FlowRow[]): FlowRow[][] {
  const count = Math.ceil(run.length / LONGEST_RUN);
  const bound = (part: number) => Math.round((part * run.length) / count);
  return Array.from({ length: count }, (_, part) => run.slice(bound(part), bound(part + 1)));
}

function foldOf(part: readonly FlowRow[], opened: ReadonlySet<number>): readonly FlowRow[] {
  const [first] = part;
  if (!first || opened.has(first.at)) return part;
  return [{ ...first, run: part.flatMap(({ left }) => left ?? []) }];
}
