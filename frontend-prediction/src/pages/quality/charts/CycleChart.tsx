import { memo } from "react";
import {
  CartesianGrid,
  Line,
  LineChart,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  usePlotArea,
  useXAxisScale,
  XAxis,
  YAxis,
} from "recharts";
import type { DeploymentMark } from "../marks";
import { isMajor } from "../marks";
import { axisWidth } from "./axis_width";
import { ChartTooltip } from "./ChartTooltip";
import type { ChartPoint } from "./points";
import { Mark, type Series, STYLES } from "./series";

/** Shares end at 1, and begin where the values do; all else begins at zero. */
export type AxisDomain = "share" | "fromZero";

const DOMAINS = {
  share: [(lowest: number) => Math.max(0, Math.floor(lowest * 50) / 50), 1],
  fromZero: [0, "auto"],
} as const;

interface Props {
  points: readonly ChartPoint[];
  series: readonly Series[];
  deployments: readonly DeploymentMark[];
  /** Drawn as a line; the legend names it. */
  threshold: number | null;
  /** The point that is looked at. */
  selected: number;
  onSelect: (index: number) => void;
  formatValue: (value: number) => string;
  formatTick: (value: number) => string;
  /** Where the axis begins and ends. */
  domain: AxisDomain;
  height: number;
}

const MOST_DATES = 8;
const MANY_POINTS = 45;
const MOST_MARKERS = 150; // per line; more of them would be a band

/**
 * Lines over cycles at equal distances, with the deployments between them; a click looks at the nearest cycle.
 *
 * A thousand cycles take a third of a second to draw: it is drawn again only where its props are others.
 */
export default memo(function CycleChart(props: Props) {
  const { points, series, deployments, threshold, selected, formatTick, domain, height } = props;
  const last = points.length - 1;
  const every = Math.ceil(points.length / MOST_DATES);
  const dates = points.map((point) => point.index).filter((index) => index % every === 0);
  const everyMarker = Math.ceil(points.length / MOST_MARKERS);
  const size = points.length > MANY_POINTS ? 2 : 3.4;
  return (
    <ResponsiveContainer width="100%" height={height}>
      <LineChart
        data={points as ChartPoint[]}
        margin={{ top: 18, right: 12, bottom: 0, left: 0 }}
        accessibilityLayer={false}
        onClick={({ activeLabel }) => {
          if (activeLabel !== undefined) props.onSelect(Number(activeLabel));
        }}
      >
        <CartesianGrid vertical={false} stroke="var(--line)" />
        <XAxis
          dataKey="index"
          type="number"
          domain={[-0.5, last + 0.5]}
          ticks={dates}
          tickFormatter={(index: number) => points[index]?.day.slice(5) ?? ""}
          tick={{ fontSize: 12, fill: "var(--mantine-color-dimmed)" }}
          stroke="var(--chart-axis)"
        />
        <YAxis
          width={axisWidth(points, series, threshold, formatTick)}
          domain={[...DOMAINS[domain]]}
          tickFormatter={formatTick}
          tick={{ fontSize: 12, fill: "var(--mantine-color-dimmed)" }}
          stroke="var(--chart-axis)"
        />
        {deployments.map((mark) => (
          <ReferenceLine
            key={mark.position}
            x={mark.position}
            stroke="var(--chart-event)"
            strokeWidth={isMajor(mark) ? 1.6 : 1}
            strokeDasharray={isMajor(mark) ? undefined : "1 4"}
            label={isMajor(mark) ? DeploymentFlag : undefined}
          />
        ))}
        <ReferenceLine x={selected} stroke="var(--chart-selected)" strokeWidth={7} strokeOpacity={0.45} />
        {threshold !== null && (
          <ReferenceLine
            y={threshold}
            ifOverflow="extendDomain"
            stroke={STYLES.threshold.colour}
            strokeDasharray={STYLES.threshold.dash}
          />
        )}
        <Tooltip
          isAnimationActive={false}
          cursor={{ stroke: "var(--chart-axis)" }}
          content={({ active, label }) => (
            <ChartTooltip
              point={active ? points[Number(label)] : undefined}
              series={series}
              deployments={deployments}
              formatValue={props.formatValue}
            />
          )}
        />
        {series.map(({ key, name, style }) => (
          <Line
            key={key}
            dataKey={key}
            name={name}
            type="linear"
            stroke={style.colour}
            strokeWidth={style.marker === "none" ? 1.6 : 2}
            strokeDasharray={style.dash}
            isAnimationActive={false}
            activeDot={false}
            dot={({ key: dotKey, cx, cy, index }) =>
              index % everyMarker === 0 ? (
                <Mark key={dotKey} cx={cx} cy={cy} marker={style.marker} colour={style.colour} size={size} />
              ) : null
            }
          />
        ))}
        <Flags points={points} />
      </LineChart>
    </ResponsiveContainer>
  );
});

/* The same shapes stand in the legend (MarkLegend). */
function DeploymentFlag({ viewBox }: { viewBox?: { x?: number; y?: number } }) {
  const { x = 0, y = 0 } = viewBox ?? {};
  return <path d={`M${x - 5} ${y - 12}h10l-5 9z`} fill="var(--chart-event)" />;
}

/** Above cycles with alerts a square, at the foot of those that found a change a diamond. */
function Flags({ points }: { points: readonly ChartPoint[] }) {
  const scale = useXAxisScale();
  const area = usePlotArea();
  if (!scale || !area) return null;
  const at = (point: ChartPoint) => Number(scale(point.index));
  const base = area.y + area.height;
  return (
    <g>
      {points
        .filter((point) => point.alerts > 0)
        .map((point) => (
          <rect key={point.index} x={at(point) - 4} y={area.y - 12} width="8" height="8" fill="var(--bad)" />
        ))}
      {points
        .filter((point) => point.drift > 0)
        .map((point) => (
          <path key={point.index} d={`M${at(point)} ${base - 11}l5 5l-5 5l-5 -5z`} fill="var(--warning)" />
        ))}
    </g>
  );
}
