import { Button, Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, type ReactNode, Suspense, useCallback, useDeferredValue, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { formatMetric, type MetricName } from "@/shared/metrics";
import { Panel } from "@/shared/Panel";
import { Loading } from "@/shared/states/Loading";
import { useAddress } from "./address";
import type { AxisDomain } from "./charts/CycleChart";
import { type ChartPoint, pointsOf } from "./charts/points";
import { type Series, STYLES, Swatch } from "./charts/series";
import type { Cycle } from "./cycles";
import { useCycle } from "./looked_at";
import { MarkLegend } from "./MarkLegend";
import { deploymentsOf, markDeployments } from "./marks";
import classes from "./quality.module.css";
import { auditQuery } from "./queries";
import { TrendTable } from "./TrendTable";

const CycleChart = lazy(() => import("./charts/CycleChart")); // recharts is not in the first load

/** How the figures moved from cycle to cycle, with deployments, drift and alerts; a click looks at a cycle. */
export function Trend({ cycles }: { cycles: readonly Cycle[] }) {
  const { t } = useTranslation("quality");
  const points = useMemo(() => pointsOf(cycles), [cycles]);
  const left = cycles.length - points.length;
  const caption = [t("trend.caption"), left > 0 && t("trend.backtests", { count: left })].filter(Boolean).join(" ");
  return (
    <Panel title={t("trend.title")} caption={caption} actions={<Steps points={points} />}>
      <Charts points={points} />
      <MarkLegend />
      <details className={classes.details}>
        <summary>{t("trend.table")}</summary>
        <TrendTable cycles={cycles} />
      </details>
    </Panel>
  );
}

/** The cycle before and the one after the one that is looked at. */
function Steps({ points }: { points: readonly ChartPoint[] }) {
  const { t } = useTranslation("quality");
  const [, change] = useAddress();
  const now = useSelected(points);
  const go = (index: number) => change({ cycle: points[index]?.cycle.cycle_id });
  return (
    <Group gap="xs">
      <Button size="xs" variant="default" disabled={now <= 0} onClick={() => go(now - 1)}>
        {t("trend.before")}
      </Button>
      <Button
        size="xs"
        variant="default"
        disabled={now === -1 || now === points.length - 1}
        onClick={() => go(now + 1)}
      >
        {t("trend.after")}
      </Button>
    </Group>
  );
}

function useSelected(points: readonly ChartPoint[]): number {
  const { data } = useCycle();
  return points.findIndex((point) => point.cycle.cycle_id === data?.cycle_id);
}

const NOT_YET: readonly ChartPoint[] = [];

function Charts({ points }: { points: readonly ChartPoint[] }) {
  const { t } = useTranslation(["quality", "metrics"]);
  const later = useDeferredValue(points, NOT_YET); // three charts of a thousand cycles at once would hold the page up
  const { errors, matches, spreads } = useMemo(() => {
    const name = (metric: MetricName) => t(`${metric}.name`, { ns: "metrics" });
    return {
      errors: [
        { key: "mae", name: name("mae"), style: STYLES.first },
        { key: "trim_mae", name: name("trim_mae"), style: STYLES.second },
        { key: "rmse", name: name("rmse"), style: STYLES.third },
        { key: "floor", name: t("trend.floor"), style: STYLES.limit },
      ],
      matches: [
        { key: "process_match", name: name("process_match"), style: STYLES.first },
        { key: "ceiling", name: t("trend.ceiling"), style: STYLES.limit },
      ],
      spreads: [
        { key: "cv", name: name("cv"), style: STYLES.first },
        { key: "actual_cv", name: t("trend.actualCv"), style: STYLES.limit },
      ],
    };
  }, [t]);
  return (
    <>
      <Chart points={points} metric="mae" domain="fromZero" height={250} series={errors} />
      <div className={classes.smallCharts}>
        <Chart points={later} metric="process_match" domain="share" height={150} series={matches} />
        <Chart points={later} metric="cv" domain="fromZero" height={150} series={spreads} />
      </div>
    </>
  );
}

interface ChartProps {
  points: readonly ChartPoint[];
  /** The one that gives title, unit and threshold. */
  metric: MetricName & keyof ChartPoint;
  series: readonly Series[];
  height: number;
  domain: AxisDomain;
}

function Chart({ points, metric, series, height, domain }: ChartProps) {
  const [, change] = useAddress();
  const { data: audit } = useQuery(auditQuery);
  const deployments = useMemo(() => {
    const cycles = points.map((point) => point.cycle);
    return markDeployments(deploymentsOf(audit?.entries ?? []), cycles);
  }, [audit, points]);
  const threshold = thresholdOf(points, metric);
  const format = useCallback((value: number) => formatMetric(metric, value), [metric]);
  const onSelect = useCallback((index: number) => change({ cycle: points[index]?.cycle.cycle_id }), [change, points]);
  return (
    <Figure points={points} series={series} metric={metric} threshold={threshold}>
      <Suspense fallback={<Loading height={height} />}>
        <CycleChart
          points={points}
          series={series}
          deployments={deployments}
          threshold={threshold}
          selected={useSelected(points)}
          onSelect={onSelect}
          formatValue={format}
          formatTick={format}
          domain={domain}
          height={height}
        />
      </Suspense>
    </Figure>
  );
}

/** A chart with its legend; screen readers get what it says in one sentence, and the table below it. */
function Figure({
  points,
  series,
  metric,
  threshold,
  children,
}: Pick<ChartProps, "points" | "series" | "metric"> & { threshold: number | null; children: ReactNode }) {
  const { t } = useTranslation("quality");
  const values = points.map((point) => point[metric]).filter((value) => typeof value === "number");
  const label = t("trend.spoken", {
    metric: series[0]?.name,
    count: values.length,
    first: formatMetric(metric, values[0]),
    last: formatMetric(metric, values.at(-1)),
  });
  return (
    <figure className={classes.figure}>
      <figcaption className={classes.legend}>
        {series.map(({ key, name, style }) => (
          <span key={key}>
            <Swatch style={style} /> {name}
          </span>
        ))}
        {threshold !== null && (
          <span>
            <Swatch style={STYLES.threshold} /> {t("trend.threshold", { value: formatMetric(metric, threshold) })}
          </span>
        )}
      </figcaption>
      <div role="img" aria-label={label} className={classes.chart}>
        {children}
      </div>
    </figure>
  );
}

/** The threshold as the newest alert of these cycles names it; without an alert the API does not tell it. */
function thresholdOf(points: readonly ChartPoint[], metric: string): number | null {
  const alerts = points.flatMap((point) => point.cycle.alerts);
  return alerts.findLast((alert) => alert.metric === metric)?.threshold ?? null;
}
