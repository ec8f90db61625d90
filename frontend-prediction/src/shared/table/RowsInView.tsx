import { defaultRangeExtractor, type Range, useVirtualizer } from "@tanstack/react-virtual";
import type { ReactElement, RefObject } from "react";
import { useIsPrinting } from "../printing";
import { Spacer } from "./Spacer";
import classes from "./table.module.css";

/** Tables of more rows scroll in an area of their own and draw only what is in view. */
export const MOST_WHOLE_ROWS = 30;
const ROW_HEIGHT = 34; // pixels; measured once a row is drawn
const FIRST_HEIGHT = 576;

/** What a row of a long table must carry; nothing in a short one. */
export interface RowProps {
  ref?: (row: HTMLElement | null) => void;
  "data-index"?: number;
  "aria-rowindex"?: number;
}

export type RowsInView = ReturnType<typeof useRowsInView>;

/** Which of a table's rows are drawn: all where they are few or printed, else those in view and the `pinned` ones. */
export function useRowsInView(scroller: RefObject<HTMLElement | null>, count: number, pinned: readonly number[] = []) {
  const isPrinting = useIsPrinting();
  const isLong = count > MOST_WHOLE_ROWS && !isPrinting;
  const body = useVirtualizer({
    count,
    enabled: isLong,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 8,
    initialRect: { width: 0, height: FIRST_HEIGHT },
    rangeExtractor: (range) => withPinned(range, pinned),
  });
  return {
    isLong,
    count,
    className: isLong ? classes.long : undefined,
    /** For the table: how many rows there are, those of its head and foot among them. */
    counted: (beside: number) => (isLong ? { "aria-rowcount": count + beside } : {}),
    drawn: isLong ? body.getVirtualItems() : null,
    height: isLong ? body.getTotalSize() : 0,
    measure: body.measureElement,
    scrollTo: (index: number) => {
      if (!isLong) return;
      body.scrollToIndex(index, { align: "center" });
      scroller.current?.scrollIntoView({ block: "nearest" });
    },
  };
}

interface BodyProps {
  rows: RowsInView;
  columns: number;
  /** A row with a key of its own. */
  children: (index: number, row: RowProps) => ReactElement;
}

/** The rows of a table's body, with room for those that are not drawn. */
export function Rows({ rows, columns, children }: BodyProps) {
  if (!rows.drawn) return Array.from({ length: rows.count }, (_, index) => children(index, {}));
  let end = 0;
  const drawn = rows.drawn.flatMap(({ index, start, end: next }) => {
    const before = start - end;
    end = next;
    const row = children(index, { ref: rows.measure, "data-index": index, "aria-rowindex": index + 2 });
    return [<Spacer key={`before ${index}`} height={before} columns={columns} />, row];
  });
  return [...drawn, <Spacer key="after" height={rows.height - end} columns={columns} />];
}

/** Widths of a long table's columns, which else would change with the rows in view; null shares what is left. */
export function ColumnWidths({ rows, widths }: { rows: RowsInView; widths: readonly (string | null)[] }) {
  if (!rows.isLong) return null;
  return (
    <colgroup>
      {widths.map((width, column) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: columns do not move
        <col key={column} style={{ width: width ?? undefined }} />
      ))}
    </colgroup>
  );
}

function withPinned(range: Range, pinned: readonly number[]): number[] {
  const inView = defaultRangeExtractor(range);
  const kept = pinned.filter((index) => index >= 0 && index < range.count);
  return [...new Set([...inView, ...kept])].sort((one, other) => one - other);
}
