/** How a series is drawn: told apart by dash and marker as well as by colour. */
export interface Series {
  key: string;
  name: string;
  style: SeriesStyle;
}

type Marker = "circle" | "square" | "triangle" | "none";

export interface SeriesStyle {
  colour: string;
  dash?: string;
  marker: Marker;
}

/* Colours stand in theme.ts, 3:1 against the surface in both themes. */
export const STYLES = {
  first: { colour: "var(--chart-first)", marker: "circle" },
  second: { colour: "var(--chart-second)", dash: "7 3", marker: "square" },
  third: { colour: "var(--chart-third)", dash: "2 3", marker: "triangle" },
  threshold: { colour: "var(--bad)", dash: "4 3", marker: "none" },
  limit: { colour: "var(--chart-limit)", dash: "12 4", marker: "none" },
} as const satisfies Record<string, SeriesStyle>;

interface MarkProps {
  cx?: number;
  cy?: number;
  marker: Marker;
  colour: string;
  size: number;
}

/** The marker of one point; nothing where it has no value. */
export function Mark({ cx, cy, marker, colour, size }: MarkProps) {
  if (cx === undefined || cy === undefined || Number.isNaN(cy) || marker === "none") return null;
  if (marker === "circle") return <circle cx={cx} cy={cy} r={size} fill={colour} />;
  if (marker === "square") return <rect x={cx - size} y={cy - size} width={2 * size} height={2 * size} fill={colour} />;
  const d = `M${cx} ${cy - size * 1.2}L${cx + size * 1.2} ${cy + size}H${cx - size * 1.2}Z`;
  return <path d={d} fill={colour} />;
}

/** A piece of the series as the legend shows it. */
export function Swatch({ style }: { style: SeriesStyle }) {
  return (
    <svg width="34" height="12" viewBox="0 0 34 12" aria-hidden="true" focusable="false">
      <path d="M1 6H33" stroke={style.colour} strokeWidth="2" strokeDasharray={style.dash} />
      <Mark cx={17} cy={6} marker={style.marker} colour={style.colour} size={3.2} />
    </svg>
  );
}
