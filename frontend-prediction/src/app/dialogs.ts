import { useSyncExternalStore } from "react";

/** The frame's own dialogs, of which one at most is open; a store, because keys, buttons and the palette open them. */
type Dialog = "palette" | "keys" | "account" | null;

let open: Dialog = null;
const listeners = new Set<() => void>();

export function showDialog(dialog: Dialog): void {
  open = dialog;
  for (const listener of listeners) listener();
}

export function useDialog(): Dialog {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => open,
  );
}
