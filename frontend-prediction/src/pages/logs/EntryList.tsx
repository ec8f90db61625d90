import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { EntryRow } from "./EntryRow";
import classes from "./logs.module.css";
import type { Entry } from "./queries";

const ROW_HEIGHT = 30; // pixels, before a row is measured
const AWAY_FROM_TOP = 24;

interface Props {
  /** Newest first. */
  entries: readonly Entry[];
  /** Nothing is put in above while the reader is elsewhere. */
  paused: boolean;
  /** The reader scrolls away from the newest entry. */
  onLeaveTop: () => void;
}

/** The entries; only those in view are drawn. Following holds the newest in view, pausing leaves everything where it is. */
export function EntryList({ entries, paused, onLeaveTop }: Props) {
  const { t } = useTranslation("logs");
  const scroller = useRef<HTMLElement>(null);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const rows = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: (index) => entries[index]?.id ?? index,
    overscan: 10,
  });
  useEffect(() => {
    if (!paused) scroller.current?.scrollTo({ top: 0 });
  }, [paused]);
  const toggle = (id: string) =>
    setOpen((before) => (before.has(id) ? new Set([...before].filter((one) => one !== id)) : new Set([...before, id])));
  return (
    <section
      ref={scroller}
      className={classes.list}
      aria-label={t("entries")}
      tabIndex={0}
      onScroll={() => (scroller.current?.scrollTop ?? 0) > AWAY_FROM_TOP && onLeaveTop()}
    >
      <div className={classes.rows} style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((row) => {
          const entry = entries[row.index] as Entry;
          return (
            <div
              key={row.key}
              ref={rows.measureElement}
              data-index={row.index}
              className={classes.row}
              style={{ transform: `translateY(${row.start}px)` }}
            >
              <EntryRow entry={entry} open={open.has(entry.id)} onToggle={() => toggle(entry.id)} />
            </div>
          );
        })}
      </div>
    </section>
  );
}
