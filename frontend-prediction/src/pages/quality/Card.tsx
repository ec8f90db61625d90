import { useTranslation } from "react-i18next";
import { formatMetric, type Grade, gradeOf, type MetricName } from "@/shared/metrics";
import { StateWord, type Tone } from "@/shared/StateWord";
import { type Cycle, movement, type Verdict } from "./cycles";
import { formatChange, intervalEnds } from "./figures";
import classes from "./quality.module.css";

const GRADE_TONES: Record<Grade, Tone> = {
  notEvaluated: "neutral",
  critical: "bad",
  warning: "warning",
  noBreach: "good",
  noThreshold: "neutral",
};
const MOVEMENT_TONES: Record<Verdict, Tone> = {
  better: "good",
  worse: "warning",
  withinChance: "neutral",
  same: "neutral",
};

interface Props {
  metric: MetricName;
  cycle: Cycle;
  /** Undefined as long as it is not known. */
  previous: Cycle | null | undefined;
  /** The level that the version showed at its gate. */
  promised: number | null | undefined;
}

/** One figure: value, 95 % interval, movement since the cycle before, grade, and what was promised and is possible. */
export function Card({ metric, cycle, previous, promised }: Props) {
  const { t } = useTranslation(["quality", "metrics"]);
  const { grade, threshold } = gradeOf(metric, cycle);
  const [low, high] = cycle.intervals?.[metric] ?? [];
  const moved = previous ? movement(metric, cycle, previous) : null;
  const best = bestPossible(metric, cycle);
  return (
    <li className={classes.card}>
      <h2 title={t(`${metric}.meaning`, { ns: "metrics" })}>{t(`${metric}.name`, { ns: "metrics" })}</h2>
      <strong>{formatMetric(metric, cycle[metric])}</strong>
      {low !== undefined && high !== undefined && <small>{t("card.interval", intervalEnds(metric, low, high))}</small>}
      {moved && (
        <StateWord tone={MOVEMENT_TONES[moved.verdict]}>
          {t(`card.${moved.verdict}`, { change: formatChange(metric, moved.change) })}
        </StateWord>
      )}
      {grade !== "noThreshold" && (
        <StateWord tone={GRADE_TONES[grade]}>
          {t(`card.${grade}`, { threshold: formatMetric(metric, threshold) })}
        </StateWord>
      )}
      {promised != null && <small>{t("card.promised", { value: formatMetric(metric, promised) })}</small>}
      {best && <small>{t(`card.${best.word}`, { value: formatMetric(metric, best.value) })}</small>}
    </li>
  );
}

function bestPossible(metric: MetricName, cycle: Cycle) {
  const floor = cycle.limits?.mae_floor;
  const ceiling = cycle.limits?.process_match_ceiling;
  if (metric === "mae" && floor != null) return { word: "floor", value: floor } as const;
  if (metric === "process_match" && ceiling != null) return { word: "ceiling", value: ceiling } as const;
  if (metric === "cv" && cycle.actual_cv !== null) return { word: "actualCv", value: cycle.actual_cv } as const;
  return null;
}
