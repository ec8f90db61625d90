import { CartesianGrid, Line, LineChart, ReferenceLine, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import type { DeploymentMark } from "../marks";
import { isMajor } from "../marks";
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

/** Lines over cycles at equal distances, with the deployments between them; a click looks at the nearest cycle. */
export default function CycleChart(props: Props) {
  const { points, series, deployments, threshold, selected, formatTick, domain, height } = props;
  const last = points.length - 1;
  const every = Math.ceil(points.length / MOST_DATES);
  const dates = points.map((point) => point.index).filter((index) => index % every === 0);
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
          width={54}
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
            dot={({ key: dotKey, cx, cy }) => (
              <Mark key={dotKey} cx={cx} cy={cy} marker={style.marker} colour={style.colour} size={size} />
            )}
          />
        ))}
        {points
          .filter((point) => point.alerts > 0)
          .map((point) => (
            <ReferenceLine key={`alert ${point.index}`} x={point.index} stroke="none" label={AlertFlag} />
          ))}
        {points
          .filter((point) => point.drift > 0)
          .map((point) => (
            <ReferenceLine key={`drift ${point.index}`} x={point.index} stroke="none" label={DriftFlag} />
          ))}
      </LineChart>
    </ResponsiveContainer>
  );
}

interface Flag {
  viewBox?: { x?: number; y?: number; height?: number };
}

/* The same shapes stand in the legend (MarkLegend). */
function DeploymentFlag({ viewBox }: Flag) {
  const { x = 0, y = 0 } = viewBox ?? {};
  return <path d={`M${x - 5} ${y - 12}h10l-5 9z`} fill="var(--chart-event)" />;
}

function AlertFlag({ viewBox }: Flag) {
  const { x = 0, y = 0 } = viewBox ?? {};
  return <rect x={x - 4} y={y - 12} width="8" height="8" fill="var(--bad)" />;
}

function DriftFlag({ viewBox }: Flag) {
  const { x = 0, y = 0, height = 0 } = viewBox ?? {};
  const base = y + height;
  return <path d={`M${x} ${base - 11}l5 5l-5 5l-5 -5z`} fill="var(--warning)" />;
}
