import { Button, Text } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { FeedState } from "./feed/job_feed";
import classes from "./training.module.css";

const LINE_HEIGHT = 20; // pixels, before a line is measured; long ones wrap
const NEAR_END = 32;

interface Props {
  lines: readonly string[];
  state: FeedState;
  /** Whether more may come. */
  active: boolean;
}

/** A job's log. It stays at its end while lines come, until the reader scrolls up; only lines in view are drawn. */
export function JobLog({ lines, state, active }: Props) {
  const { t } = useTranslation("training");
  const scroller = useRef<HTMLElement>(null);
  const [atEnd, setAtEnd] = useState(true);
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_HEIGHT,
    overscan: 12,
  });
  const byReader = useRef(false); // measuring and new lines scroll too
  useEffect(() => {
    if (!atEnd || lines.length === 0) return;
    byReader.current = false;
    rows.scrollToIndex(lines.length - 1, { align: "end" });
  }, [atEnd, lines.length, rows]);
  const onHand = () => {
    byReader.current = true;
  };
  const onScroll = () => {
    const { scrollTop, clientHeight, scrollHeight } = scroller.current as HTMLElement;
    const near = scrollTop + clientHeight >= scrollHeight - NEAR_END;
    if (near || byReader.current) setAtEnd(near);
  };
  if (lines.length === 0) return <Text c="dimmed">{t(active ? "log.notYet" : "log.none")}</Text>;
  return (
    <div className={classes.logArea}>
      {state === "lost" && active && (
        <Text role="status" className={classes.lost}>
          {t("log.lost")}
        </Text>
      )}
      <section
        ref={scroller}
        className={classes.log}
        aria-label={t("log.title")}
        tabIndex={0}
        onScroll={onScroll}
        onWheel={onHand}
        onTouchMove={onHand}
        onPointerDown={onHand}
        onKeyDown={onHand}
      >
        <div role="log" aria-live="off" lang="en" style={{ height: rows.getTotalSize(), position: "relative" }}>
          {rows.getVirtualItems().map((row) => (
            <div
              key={row.key}
              ref={rows.measureElement}
              data-index={row.index}
              className={classes.logLine}
              style={{ transform: `translateY(${row.start}px)` }}
            >
              {lines[row.index]}
            </div>
          ))}
        </div>
      </section>
      {!atEnd && (
        <Button size="compact-sm" variant="default" className={classes.toEnd} onClick={() => setAtEnd(true)}>
          {t("log.toEnd")}
        </Button>
      )}
    </div>
  );
}
