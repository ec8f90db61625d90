import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useMemo, useRef, useState } from "react";
import { type Column, nextSorting, type Sorting, sortRows } from "./columns";
import { HeaderCell } from "./HeaderCell";
import { Spacer } from "./Spacer";
import classes from "./table.module.css";

const ROW_HEIGHT = 34; // pixels; also in table.module.css
const MOST_ROWS_SHOWN = 14;

interface Props<Row> {
  /** What the table holds, for screen readers. */
  label: string;
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  rowKey: (row: Row) => string;
  /** Enter or a click on a row; rows can be walked through with the arrow keys then. */
  onOpen?: (row: Row) => void;
  /** The row that is open. */
  openKey?: string | null;
  /** Given where the sorting stands in the address; else the table keeps it itself. */
  sorting?: Sorting | null;
  onSort?: (sorting: Sorting) => void;
  /** Rows that fit before the table scrolls. */
  visibleRows?: number;
  /** Pixels below which columns are not squeezed further: the table scrolls sideways instead. */
  minWidth?: number;
}

/** A dense table that draws only the rows in view, sorts by its headers and can be used by keyboard alone. */
export function DataTable<Row>(props: Props<Row>) {
  const { label, rows, columns, rowKey, onOpen, openKey, visibleRows = MOST_ROWS_SHOWN, minWidth = 560 } = props;
  const [ownSorting, setOwnSorting] = useState<Sorting | null>(null);
  const sorting = props.sorting === undefined ? ownSorting : props.sorting;
  const sort = (column: Column<Row>) => (props.onSort ?? setOwnSorting)(nextSorting(column, sorting));
  const sorted = useMemo(() => sortRows(rows, columns, sorting), [rows, columns, sorting]);

  const scroller = useRef<HTMLElement>(null);
  const body = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 8,
    initialRect: { width: 0, height: visibleRows * ROW_HEIGHT },
  });
  const items = body.getVirtualItems();
  const before = items[0]?.start ?? 0;
  const after = body.getTotalSize() - (items.at(-1)?.end ?? 0);

  const [focused, setFocused] = useState(0);
  const walk = (event: KeyboardEvent<HTMLTableSectionElement>) => {
    const last = sorted.length - 1;
    const target = targetOf(event.key, focused, last, visibleRows);
    const row = sorted[focused];
    if (event.key === "Enter" && row !== undefined && event.target instanceof HTMLTableRowElement) onOpen?.(row);
    else if (target === null) return;
    else focusRow(target);
    event.preventDefault();
  };
  const focusRow = (index: number) => {
    setFocused(index);
    body.scrollToIndex(index);
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-index="${index}"]`)?.focus());
  };
  const reachable = items.some((item) => item.index === focused) ? focused : items[0]?.index;

  return (
    // The region scrolls, so it must be reachable by keyboard (WCAG 2.1.1).
    <section
      ref={scroller}
      className={classes.scroller}
      aria-label={label}
      tabIndex={0}
      style={{ maxHeight: (visibleRows + 1) * ROW_HEIGHT + 2 }}
    >
      <table className={classes.table} aria-label={label} aria-rowcount={sorted.length + 1} style={{ minWidth }}>
        <thead>
          <tr aria-rowindex={1}>
            {columns.map((column) => (
              <HeaderCell key={column.key} column={column} sorting={sorting} onSort={() => sort(column)} />
            ))}
          </tr>
        </thead>
        <tbody onKeyDown={onOpen ? walk : undefined}>
          <Spacer height={before} columns={columns.length} />
          {items.map(({ index }) => {
            const row = sorted[index] as Row;
            const key = rowKey(row);
            return (
              <tr
                key={key}
                data-index={index}
                aria-rowindex={index + 2}
                className={onOpen ? classes.openable : undefined}
                aria-current={onOpen && key === openKey ? "true" : undefined}
                tabIndex={onOpen && (index === reachable ? 0 : -1)}
                onFocus={onOpen && (() => setFocused(index))}
                onClick={onOpen && (() => onOpen(row))}
              >
                {columns.map((column) => (
                  <td key={column.key} className={column.numeric ? classes.numeric : undefined}>
                    {column.show(row)}
                  </td>
                ))}
              </tr>
            );
          })}
          <Spacer height={after} columns={columns.length} />
        </tbody>
      </table>
    </section>
  );
}

/** The row that a key leads to; null for keys that lead nowhere. */
function targetOf(key: string, now: number, last: number, page: number): number | null {
  const targets: Record<string, number> = {
    ArrowDown: now + 1,
    ArrowUp: now - 1,
    PageDown: now + page,
    PageUp: now - page,
    Home: 0,
    End: last,
  };
  const target = targets[key];
  return target === undefined ? null : Math.min(Math.max(target, 0), last);
}
