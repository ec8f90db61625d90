import { VisuallyHidden } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { formatFixed } from "@/shared/format";
import classes from "../predict.module.css";

type Range = Schemas["MinutesRange"];

/** The largest minutes of a table, so that its bars can be compared. */
export function scaleOf(rows: readonly (readonly [minutes: number, range: Range | undefined])[]): number {
  return Math.max(1e-9, ...rows.map(([minutes, range]) => Math.max(minutes, range?.high ?? 0)));
}

/** The range in which eight of ten lots end, as bar and numbers; the stroke is the value in use. */
export function RangeBar({ range, value, scale }: { range: Range; value: number; scale: number | null }) {
  const { t } = useTranslation("predict");
  const outside = value < range.low || value > range.high;
  const numbers = (
    <span className={classes.rangeNumbers} title={outside ? t("operations.outside") : undefined}>
      {formatFixed(range.low, 1)}–{formatFixed(range.high, 1)}
      {outside && " ▲"}
      {outside && <VisuallyHidden>{t("operations.outside")}</VisuallyHidden>}
    </span>
  );
  if (scale === null) return numbers;
  const place = (minutes: number) => `${(100 * minutes) / scale}%`;
  return (
    <div className={classes.range}>
      <svg aria-hidden="true" focusable="false">
        <line className={classes.rangeTrack} x1="0" x2="100%" y1="8" y2="8" />
        <rect
          className={classes.rangeBar}
          x={place(range.low)}
          width={place(range.high - range.low)}
          y="4"
          height="8"
        />
        <line className={classes.rangeValue} x1={place(value)} x2={place(value)} y1="1" y2="15" />
      </svg>
      {numbers}
    </div>
  );
}
