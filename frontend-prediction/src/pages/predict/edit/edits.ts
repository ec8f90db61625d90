import { useCallback, useMemo, useSyncExternalStore } from "react";
import { onForgetAll } from "@/shared/session";
import { forget, keep, kept } from "../session";
import type { Step } from "./steps";

/* Routings that the planner has edited, by item. They survive a reload of the tab; what can be undone does not. */

/** An edited routing and where it came from. */
export interface Edit {
  /** The model version whose candidate it began as. */
  modelVersion: string;
  steps: Step[];
}

interface History {
  now: Edit;
  past: Edit[];
  future: Edit[];
  /** The cell that was changed last: typing on in it makes no further step to undo. */
  cell: string | null;
  /** False where the browser's storage is full. */
  isKept: boolean;
}

const MOST_UNDONE = 100;
const NAME = "edits";

let histories: ReadonlyMap<string, History> = restored();
const listeners = new Set<() => void>();

function restored(): Map<string, History> {
  const found = kept(NAME, isEdits) ?? {};
  const entries = Object.entries(found).map(([item, now]) => [item, startOf(now)] as const);
  return new Map(entries);
}

function startOf(now: Edit): History {
  return { now, past: [], future: [], cell: null, isKept: true };
}

function isEdits(found: unknown): found is Record<string, Edit> {
  const isEdit = (edit: unknown) =>
    typeof edit === "object" && edit !== null && "steps" in edit && "modelVersion" in edit;
  return typeof found === "object" && found !== null && Object.values(found).every(isEdit);
}

function replace(item: string, history: History | null): void {
  const next = new Map(histories);
  if (history) next.set(item, history);
  else next.delete(item);
  const edits = Object.fromEntries([...next].map(([name, { now }]) => [name, now]));
  if (next.size === 0) forget(NAME);
  const isKept = next.size === 0 || keep(NAME, edits);
  if (history) next.set(item, { ...history, isKept });
  histories = next;
  for (const listener of listeners) listener();
}

onForgetAll(() => {
  histories = new Map();
  for (const listener of listeners) listener();
});

/** Begin an edit of an item, or take over another candidate. */
export function startEdit(item: string, edit: Edit): void {
  replace(item, startOf(edit));
}

export function discardEdit(item: string): void {
  replace(item, null);
}

/** Change an edited routing; changes with the same `cell` in a row are undone together. */
export function changeEdit(item: string, change: (steps: readonly Step[]) => Step[], cell: string | null = null): void {
  const history = histories.get(item);
  if (!history) return;
  const joins = cell !== null && cell === history.cell && history.past.length > 0;
  const past = joins ? history.past : [...history.past, history.now].slice(-MOST_UNDONE);
  replace(item, { ...history, now: { ...history.now, steps: change(history.now.steps) }, past, future: [], cell });
}

export function undoEdit(item: string): void {
  const history = histories.get(item);
  const now = history?.past.at(-1);
  if (!history || !now) return;
  replace(item, {
    ...history,
    now,
    past: history.past.slice(0, -1),
    future: [history.now, ...history.future],
    cell: null,
  });
}

export function redoEdit(item: string): void {
  const history = histories.get(item);
  const [now, ...future] = history?.future ?? [];
  if (!history || !now) return;
  replace(item, { ...history, now, past: [...history.past, history.now], future, cell: null });
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** All edited routings of this tab, by item. */
export function useEdits(): ReadonlyMap<string, Edit> {
  const found = useSyncExternalStore(subscribe, () => histories);
  return useMemo(() => new Map([...found].map(([item, { now }]) => [item, now])), [found]);
}

/** The edit of one item, or null. */
export function useEdit(item: string) {
  const history = useSyncExternalStore(
    subscribe,
    useCallback(() => histories.get(item) ?? null, [item]),
  );
  return (
    history && {
      ...history.now,
      canUndo: history.past.length > 0,
      canRedo: history.future.length > 0,
      isKept: history.isKept,
    }
  );
}
