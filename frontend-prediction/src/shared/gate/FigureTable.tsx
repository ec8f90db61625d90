import { useTranslation } from "react-i18next";
import { formatMetric, HEADLINES, type MetricName } from "@/shared/metrics";
import classes from "./gate.module.css";
import { isBetter } from "./is_better";

/** One version's figures as a column. */
export interface FigureColumn {
  title: string;
  metrics: Readonly<Record<string, number | null>>;
  /** 95 %; absent where none were computed. */
  intervals?: Readonly<Record<string, readonly number[]>>;
}

/** Headline figures of one version, or of two side by side with the difference; what nobody computed is left out. */
export function FigureTable({ label, columns }: { label: string; columns: readonly FigureColumn[] }) {
  const { t } = useTranslation(["gate", "metrics"]);
  const shown = HEADLINES.filter((metric) => columns.some((column) => column.metrics[metric] != null));
  const [left, right] = columns;
  return (
    // The region scrolls, so it must be reachable by keyboard.
    <section className={classes.scroller} aria-label={label} tabIndex={0}>
      <table className={classes.figures} aria-label={label}>
        <thead>
          <tr>
            <th scope="col">{t("figure")}</th>
            {columns.map((column) => (
              <th key={column.title} scope="col">
                {column.title}
              </th>
            ))}
            {right && <th scope="col">{t("difference")}</th>}
          </tr>
        </thead>
        <tbody>
          {shown.map((metric) => (
            <tr key={metric}>
              <th scope="row">
                {t(`${metric}.name`, { ns: "metrics" })}
                <small>{t(`${metric}.meaning`, { ns: "metrics" })}</small>
              </th>
              {columns.map((column) => (
                <Figure key={column.title} metric={metric} column={column} />
              ))}
              {left && right && (
                <Difference metric={metric} before={left.metrics[metric]} after={right.metrics[metric]} />
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Figure({ metric, column }: { metric: MetricName; column: FigureColumn }) {
  const { t } = useTranslation("gate");
  const [low, high] = column.intervals?.[metric] ?? [];
  return (
    <td>
      {formatMetric(metric, column.metrics[metric])}
      {low !== undefined && (
        <small>{t("interval", { low: formatMetric(metric, low), high: formatMetric(metric, high) })}</small>
      )}
    </td>
  );
}

function Difference({ metric, before, after }: { metric: MetricName; before?: number | null; after?: number | null }) {
  const { t } = useTranslation("gate");
  if (before == null || after == null) return <td />;
  const better = isBetter(metric, before, after);
  return (
    <td>
      {after > before ? "+" : ""}
      {formatMetric(metric, after - before)}
      {better !== null && <small>{t(better ? "better" : "worse")}</small>}
    </td>
  );
}
