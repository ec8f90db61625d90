import { useTranslation } from "react-i18next";
import classes from "./quality.module.css";

/* The same shapes stand in the chart (CycleChart). */
const SHAPES = {
  deployment: <path d="M1 1h10l-5 9z" fill="var(--chart-event)" />,
  refresh: <path d="M6 0v12" stroke="var(--chart-event)" strokeWidth="2" strokeDasharray="1 3" />,
  alert: <path d="M2 2h8v8H2z" fill="var(--bad)" />,
  drift: <path d="M6 1l5 5l-5 5l-5 -5z" fill="var(--warning)" />,
  selected: <path d="M6 0v12" stroke="var(--chart-selected)" strokeOpacity="0.6" strokeWidth="7" />,
};

/** What the marks of the charts mean. */
export function MarkLegend() {
  const { t } = useTranslation("quality");
  return (
    <p className={classes.legend}>
      {(Object.keys(SHAPES) as (keyof typeof SHAPES)[]).map((name) => (
        <span key={name}>
          <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true" focusable="false">
            {SHAPES[name]}
          </svg>{" "}
          {t(`trend.mark.${name}`)}
        </span>
      ))}
    </p>
  );
}
