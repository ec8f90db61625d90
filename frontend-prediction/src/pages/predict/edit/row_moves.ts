import { type RefObject, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Shortcut, useShortcuts } from "@/shared/keys";
import { changeEdit, redoEdit, undoEdit } from "./edits";
import { moved, type Step } from "./steps";

/** Moving the rows of an edited routing: by Alt+↑/↓ on the row in focus, by buttons, or dragged. */
export function useRowMoves(editName: string | null, steps: readonly Step[], table: RefObject<HTMLElement | null>) {
  const { t } = useTranslation("predict");
  const [dragged, setDragged] = useState<string | null>(null);
  const focusAgain = useRef<string | null>(null);
  const now = useRef(steps);
  now.current = steps;

  const actions = useMemo(() => {
    const move = (id: string, to: number) => {
      if (editName === null) return;
      focusAgain.current = (document.activeElement as HTMLElement | null)?.dataset.cell ?? null;
      changeEdit(editName, (before) => moved(before, id, to));
    };
    const moveFocused = (by: number) => () => {
      const id = document.activeElement?.closest<HTMLElement>("tr[data-step]")?.dataset.step;
      const from = now.current.findIndex((step) => step.id === id);
      if (id !== undefined && from !== -1) move(id, from + by);
    };
    return { move, moveFocused };
  }, [editName]);
  // A browser drops the focus of a row that is put elsewhere.
  useEffect(() => {
    const cell = focusAgain.current;
    focusAgain.current = null;
    if (cell && steps) table.current?.querySelector<HTMLElement>(`[data-cell="${CSS.escape(cell)}"]`)?.focus();
  }, [steps, table]);

  useShortcuts(
    useMemo<Shortcut[]>(() => {
      if (editName === null) return [];
      return [
        { code: "ArrowUp", alt: true, label: t("edit.up"), run: actions.moveFocused(-1) },
        { code: "ArrowDown", alt: true, label: t("edit.down"), run: actions.moveFocused(1) },
        { code: "KeyZ", ctrl: true, label: t("edit.undo"), run: () => undoEdit(editName) },
        { code: "KeyZ", ctrl: true, shift: true, label: t("edit.redo"), run: () => redoEdit(editName) },
      ];
    }, [editName, t, actions]),
  );
  return { dragged, setDragged, move: actions.move };
}

export type RowMoves = ReturnType<typeof useRowMoves>;
