import { type FocusEvent, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { ColumnWidths, MOST_WHOLE_ROWS, Rows, useRowsInView } from "@/shared/table/RowsInView";
import { EditableRow } from "../edit/EditableRow";
import { useRowMoves } from "../edit/row_moves";
import type { Step } from "../edit/steps";
import classes from "../predict.module.css";
import { lotMinutes, type Prediction } from "../routing";
import { countOf, Foot, Head, ReadCells, TimeCells } from "./operation_cells";
import { scaleOf } from "./RangeBar";
import { StepFinder } from "./StepFinder";
import { predictedFor } from "./total_range";

interface Props {
  steps: readonly Step[];
  prediction: Prediction;
  /** Minutes of the whole routing: of many operations a little more than theirs together. */
  total: number;
  /** The edit that its cells change; null where they are only read. */
  editName: string | null;
  /** Goes on behind the table, where it is long. */
  onPast: () => void;
}

const READ_WIDTHS = ["3rem", "4.5rem", null, "4.5rem", "4.25rem", "4rem", "4.5rem", "4.25rem", "22%", "3rem"];
const EDITED_WIDTHS = ["2.5rem", "5rem", null, "4.75rem", "5.5rem", "4.75rem", "4.75rem", "3.75rem", "7rem", "7rem"];

/** Every operation with its times, their 80 % range and how many lots of the item back them. */
export function OperationTable({ steps, prediction, total, editName, onPast }: Props) {
  const { t } = useTranslation("predict");
  const { quantity } = prediction;
  const predicted = useMemo(() => steps.map((step) => predictedFor(step, prediction)), [steps, prediction]);
  const scale = useMemo(
    () => scaleOf(steps.map((step, index) => [lotMinutes(step, quantity), predicted[index]?.lot_range])),
    [steps, predicted, quantity],
  );
  const scroller = useRef<HTMLElement>(null);
  const moves = useRowMoves(editName, steps, scroller);
  const [focused, setFocused] = useState<string | null>(null);
  const [found, setFound] = useState<number | null>(null);
  const rows = useRowsInView(scroller, steps.length, useHeld(steps, [focused, moves.dragged]));
  useShowAdded(steps, rows.scrollTo);
  const find = (place: number | null) => {
    setFound(place);
    if (place !== null) rows.scrollTo(place);
  };
  return (
    <>
      {steps.length > MOST_WHOLE_ROWS && <StepFinder operations={steps} found={found} onFind={find} onPast={onPast} />}
      <section
        className={`${classes.scroller} ${rows.className ?? ""}`}
        aria-label={t("operations.title")}
        tabIndex={0}
        ref={scroller}
      >
        <table
          className={classes.table}
          aria-label={t("operations.title")}
          data-edited={editName !== null}
          {...rows.counted(2)}
        >
          <ColumnWidths rows={rows} widths={editName === null ? READ_WIDTHS : EDITED_WIDTHS} />
          <Head isEdited={editName !== null} isLong={rows.isLong} quantity={quantity} />
          <tbody onFocus={editName === null ? undefined : (event) => setFocused(stepOf(event))}>
            <Rows rows={rows} columns={10}>
              {(index, row) => {
                const step = steps[index] as Step;
                const times = { step, predicted: predicted[index] ?? null, quantity };
                const place = {
                  ...row,
                  "aria-current": rows.isLong && index === found ? ("true" as const) : undefined,
                };
                return editName === null ? (
                  <tr key={step.id} {...place}>
                    <ReadCells step={step} />
                    <TimeCells {...times} scale={scale} />
                    <td className={classes.numeric}>{times.predicted && countOf(times.predicted.evidence_count)}</td>
                  </tr>
                ) : (
                  <EditableRow
                    key={step.id}
                    step={step}
                    index={index}
                    last={steps.length - 1}
                    editName={editName}
                    moves={moves}
                    place={place}
                  >
                    <TimeCells {...times} scale={null} />
                  </EditableRow>
                );
              }}
            </Rows>
          </tbody>
          <Foot count={steps.length} total={total} isLong={rows.isLong} />
        </table>
      </section>
    </>
  );
}

function stepOf(event: FocusEvent<HTMLElement>): string | null {
  return event.target.closest<HTMLElement>("tr[data-step]")?.dataset.step ?? null;
}

/** Places of the rows that stay drawn wherever one scrolls, with their neighbours, which Tab and Alt+↑/↓ lead to. */
function useHeld(steps: readonly Step[], ids: readonly (string | null)[]): number[] {
  const places = ids.map((id) => (id === null ? -1 : steps.findIndex((step) => step.id === id)));
  return places.flatMap((place) => (place === -1 ? [] : [place - 1, place, place + 1]));
}

/** Brings an operation into view that was added at the end. */
function useShowAdded(steps: readonly Step[], scrollTo: (place: number) => void): void {
  const before = useRef(steps);
  useEffect(() => {
    const last = steps.at(-1);
    const isAdded = last?.predicted === null && steps.length === before.current.length + 1;
    before.current = steps;
    if (isAdded) scrollTo(steps.length - 1);
  });
}
