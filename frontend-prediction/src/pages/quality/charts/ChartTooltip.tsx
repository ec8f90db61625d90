import { useTranslation } from "react-i18next";
import { formatMoment, NO_VALUE } from "@/shared/format";
import type { DeploymentMark } from "../marks";
import classes from "../quality.module.css";
import type { ChartPoint } from "./points";
import { type Series, Swatch } from "./series";

interface Props {
  point: ChartPoint | undefined;
  series: readonly Series[];
  deployments: readonly DeploymentMark[];
  formatValue: (value: number) => string;
}

/** The figures of the cycle under the pointer, and what was deployed before it. */
export function ChartTooltip({ point, series, deployments, formatValue }: Props) {
  const { t } = useTranslation("quality");
  if (!point) return null;
  const before = deployments.find((mark) => mark.position === point.index - 0.5)?.deployments ?? [];
  return (
    <div className={classes.tooltip}>
      <strong>{formatMoment(point.cycle.created_at)}</strong>
      {series.map(({ key, name, style }) => {
        const value = point[key as keyof ChartPoint];
        return (
          <span key={key}>
            <Swatch style={style} /> {name} <b>{typeof value === "number" ? formatValue(value) : NO_VALUE}</b>
          </span>
        );
      })}
      {point.alerts > 0 && <span>{t("trend.alertCount", { count: point.alerts })}</span>}
      {point.drift > 0 && <span>{t("trend.driftCount", { count: point.drift })}</span>}
      {before.map((one) => (
        <span key={one.id}>{t(`trend.deployed.${one.kind}`, { version: one.version })}</span>
      ))}
    </div>
  );
}
