import { useSyncExternalStore } from "react";
import { type AttentionLimits, USUAL_LIMITS } from "./attention";

/* How strict a planner wants the marks to be, remembered by the browser. */

const STORED = "routing-ml-attention";
const listeners = new Set<() => void>();
let limits = read();

function read(): AttentionLimits {
  const text = localStorage.getItem(STORED);
  if (text === null) return USUAL_LIMITS;
  try {
    const found: Partial<AttentionLimits> = JSON.parse(text);
    const names = Object.keys(USUAL_LIMITS) as (keyof AttentionLimits)[];
    return names.every((name) => typeof found[name] === "number") ? (found as AttentionLimits) : USUAL_LIMITS;
  } catch (error) {
    if (error instanceof SyntaxError) return USUAL_LIMITS;
    throw error;
  }
}

export function useAttentionLimits(): [AttentionLimits, (next: AttentionLimits) => void] {
  return [useSyncExternalStore(subscribe, () => limits), set];
}

function set(next: AttentionLimits): void {
  limits = next;
  localStorage.setItem(STORED, JSON.stringify(next));
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
