import { lazy, Suspense } from "react";
import { showDialog, useDialog } from "./dialogs";

const PaletteDialog = lazy(() => import("./PaletteDialog"));

/** Ctrl+K: find a page or a command by typing. */
export function Palette() {
  return <Suspense>{useDialog() === "palette" && <PaletteDialog onClose={() => showDialog(null)} />}</Suspense>;
}
