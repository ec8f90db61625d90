import { useEffect, useSyncExternalStore } from "react";

/** A key and what it does; bound to the key's place (event.code), because Korean input methods change event.key. */
export interface Shortcut {
  code: string;
  /** Pressed and let go before, as in "g then p". */
  after?: string;
  ctrl?: boolean;
  alt?: boolean;
  shift?: boolean;
  /** What it does, in the user's language; the help dialog lists it. */
  label: string;
  run: () => void;
}

const SEQUENCE_MS = 1_500;
const STORED = "routing-ml-single-keys";

const active = new Set<readonly Shortcut[]>();
const listeners = new Set<() => void>();
let listed: Shortcut[] = [];
let pending: { code: string; at: number } | null = null;

/** Bind shortcuts while the component is shown. `shortcuts` must be memoised. */
export function useShortcuts(shortcuts: readonly Shortcut[]): void {
  useEffect(() => {
    active.add(shortcuts);
    changed();
    return () => {
      active.delete(shortcuts);
      changed();
    };
  }, [shortcuts]);
}

/** All shortcuts that are bound now. */
export function useBoundShortcuts(): readonly Shortcut[] {
  return useSyncExternalStore(subscribe, () => listed);
}

/** Whether keys without Ctrl or Alt do anything; people who dictate switch them off (WCAG 2.1.4). */
export function useSingleKeys(): [boolean, (on: boolean) => void] {
  const on = useSyncExternalStore(subscribe, singleKeysAreOn);
  return [on, switchSingleKeys];
}

function singleKeysAreOn(): boolean {
  return localStorage.getItem(STORED) !== "off";
}

function switchSingleKeys(on: boolean): void {
  localStorage.setItem(STORED, on ? "on" : "off");
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function changed(): void {
  listed = [...active].flat();
  for (const listener of listeners) listener();
}

/** Run the shortcut that this key completes; exported for tests and the one listener in main.tsx. */
export function onKeyDown(event: KeyboardEvent): void {
  if (event.isComposing || event.repeat || MODIFIERS.has(event.code)) return;
  const single = !(event.ctrlKey || event.metaKey || event.altKey);
  if (single && (!singleKeysAreOn() || isTyping(event.target) || dialogIsOpen())) {
    pending = null;
    return;
  }
  const before = pending && event.timeStamp - pending.at < SEQUENCE_MS ? pending.code : undefined;
  pending = null;
  const found = listed.find((one) => matches(one, event, before)) ?? listed.find((one) => matches(one, event));
  if (found) {
    event.preventDefault();
    found.run();
  } else if (listed.some((one) => one.after === event.code) && single) {
    pending = { code: event.code, at: event.timeStamp };
  }
}

const MODIFIERS = new Set(["ShiftLeft", "ShiftRight", "ControlLeft", "ControlRight", "AltLeft", "AltRight"]);

function matches(shortcut: Shortcut, event: KeyboardEvent, before?: string): boolean {
  return (
    shortcut.code === event.code &&
    shortcut.after === before &&
    Boolean(shortcut.ctrl) === (event.ctrlKey || event.metaKey) &&
    Boolean(shortcut.alt) === event.altKey &&
    Boolean(shortcut.shift) === event.shiftKey
  );
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches("input:not([type=checkbox], [type=radio]), textarea, select"))
  );
}

function dialogIsOpen(): boolean {
  return document.querySelector('[role="dialog"]') !== null;
}

/** How a shortcut is written, key by key: ["Ctrl", "K"]. */
export function keyNames(shortcut: Shortcut): string[] {
  const name = (code: string) => NAMES[code] ?? code.replace(/^(Key|Digit)/, "");
  const keys = [shortcut.ctrl && "Ctrl", shortcut.alt && "Alt", shortcut.shift && shortcut.code !== "Slash" && "Shift"];
  const last = shortcut.shift && shortcut.code === "Slash" ? "?" : name(shortcut.code);
  return [
    ...(shortcut.after ? [name(shortcut.after)] : []),
    ...keys.filter((key) => key !== false && key !== undefined),
    last,
  ];
}

const NAMES: Record<string, string> = {
  Slash: "/",
  BracketLeft: "[",
  BracketRight: "]",
  ArrowUp: "↑",
  ArrowDown: "↓",
};
