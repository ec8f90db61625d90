import { useTranslation } from "react-i18next";
import { formatFixed, formatNumber } from "@/shared/format";
import { StateWord } from "@/shared/StateWord";
import type { Step } from "../edit/steps";
import classes from "../predict.module.css";
import { lotMinutes, type PredictedOperation } from "../routing";
import { RangeBar } from "./RangeBar";

/** The total; of a long routing it is wider than its column, whose width is fixed. */
export function Foot({ count, total, isLong }: { count: number; total: number; isLong: boolean }) {
  const { t } = useTranslation("predict");
  return (
    <tfoot>
      <tr>
        <th scope="row" colSpan={isLong ? 5 : 7}>
          {t("operations.total", { count, number: formatNumber(count) })}
        </th>
        <td className={classes.numeric} colSpan={isLong ? 3 : undefined} title={t("total.minutesHelp")} data-total>
          {formatFixed(total, 1)}
        </td>
        <td colSpan={2} />
      </tr>
    </tfoot>
  );
}

/** The columns' titles with their units. */
export function Head({ isEdited, isLong, quantity }: { isEdited: boolean; isLong: boolean; quantity: number }) {
  const { t } = useTranslation("predict");
  const minutes = <span className={classes.unit}> {t("unit.minutes")}</span>;
  const perUnit = <span className={classes.unit}> {t("unit.perUnit")}</span>;
  return (
    <thead>
      <tr>
        <th scope="col" className={classes.numeric}>
          {t("operations.sequence")}
        </th>
        <th scope="col">{t("operations.code")}</th>
        <th scope="col" className={classes.name}>
          {t("operations.name")}
        </th>
        <th scope="col">{t("operations.workCentre")}</th>
        <th scope="col">{t("operations.inHouse")}</th>
        <th scope="col" className={classes.numeric}>
          {t("operations.setup")}
          {minutes}
        </th>
        <th scope="col" className={classes.numeric}>
          {t("operations.run")}
          {perUnit}
        </th>
        <th
          scope="col"
          className={classes.numeric}
          title={t("operations.lotOf", { quantity: formatNumber(quantity, 3) })}
        >
          {t("operations.lot")}
          {minutes}
        </th>
        <th scope="col" className={isEdited || isLong ? undefined : classes.rangeColumn}>
          {t("operations.range")}
          {minutes}
        </th>
        {isEdited ? (
          <th scope="col">{t("operations.actions")}</th>
        ) : (
          <th scope="col" className={classes.numeric} title={t("operations.evidenceHelp")}>
            {t("operations.evidence")}
          </th>
        )}
      </tr>
    </thead>
  );
}

/** Lots are counted up to here (see docs/api.md). */
const MOST_EVIDENCE = 255;

/** How many lots back an operation's times. */
export function countOf(evidence: number): string {
  return evidence < MOST_EVIDENCE ? formatNumber(evidence) : `${MOST_EVIDENCE}+`;
}

/** What an operation is and how long it takes by itself. */
export function ReadCells({ step }: { step: Step }) {
  const { t } = useTranslation("predict");
  return (
    <>
      <td className={classes.numeric}>{step.sequence}</td>
      <td className={classes.nowrap}>{step.operation_code}</td>
      <td>{step.operation_name}</td>
      <td className={classes.nowrap}>{step.work_centre}</td>
      <td className={classes.nowrap}>
        {step.in_house ? t("inHouse") : <StateWord tone="neutral">{t("outsourced")}</StateWord>}
      </td>
      <td className={classes.numeric}>{formatFixed(step.setup_minutes, 1)}</td>
      <td className={classes.numeric}>{formatFixed(step.run_minutes_per_unit, 2)}</td>
    </>
  );
}

interface TimeProps {
  step: Step;
  predicted: PredictedOperation | null;
  quantity: number;
  /** Null where there is no room for a bar. */
  scale: number | null;
}

/** What it takes for the whole lot, with the range. */
export function TimeCells({ step, predicted, quantity, scale }: TimeProps) {
  const { t } = useTranslation("predict");
  const minutes = lotMinutes(step, quantity);
  return (
    <>
      <td className={classes.numeric}>{formatFixed(minutes, 1)}</td>
      <td>
        {predicted ? (
          <RangeBar range={predicted.lot_range} value={minutes} scale={scale} />
        ) : (
          <span>{t("operations.noRange")}</span>
        )}
      </td>
    </>
  );
}
