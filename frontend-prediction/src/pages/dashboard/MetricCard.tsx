import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { formatMetric, type Grade, gradeOf, type MetricName } from "@/shared/metrics";
import { StateWord, type Tone } from "@/shared/StateWord";
import classes from "./dashboard.module.css";

const TONES: Record<Grade, Tone> = {
  notEvaluated: "neutral",
  critical: "bad",
  warning: "warning",
  noBreach: "good",
  noThreshold: "neutral",
};

type Cycle = Schemas["CycleSummary"];

/** One figure: its value, its 95 % interval, the best that is possible, and whether it breaches its threshold. */
export function MetricCard({ metric, cycle }: { metric: MetricName; cycle: Cycle }) {
  const { t } = useTranslation(["dashboard", "metrics"]);
  const { grade, threshold } = gradeOf(metric, cycle);
  const interval = cycle.intervals?.[metric];
  const best = bestPossible(metric, cycle);
  return (
    <li className={classes.card}>
      <h3 title={t(`${metric}.meaning`, { ns: "metrics" })}>{t(`${metric}.name`, { ns: "metrics" })}</h3>
      <strong>{formatMetric(metric, cycle[metric])}</strong>
      <StateWord tone={TONES[grade]}>{t(`metric.${grade}`, { threshold: formatMetric(metric, threshold) })}</StateWord>
      {interval && (
        <small>
          {t("metric.interval", { low: formatMetric(metric, interval[0]), high: formatMetric(metric, interval[1]) })}
        </small>
      )}
      {best && <small>{t(`metric.${best.word}`, { value: formatMetric(metric, best.value) })}</small>}
    </li>
  );
}

function bestPossible(metric: MetricName, cycle: Cycle) {
  const floor = cycle.limits?.mae_floor;
  const ceiling = cycle.limits?.process_match_ceiling;
  if (metric === "mae" && floor != null) return { word: "floor", value: floor } as const;
  if (metric === "process_match" && ceiling != null) return { word: "ceiling", value: ceiling } as const;
  return null;
}
