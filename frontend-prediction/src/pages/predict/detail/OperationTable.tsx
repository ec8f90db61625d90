import { useTranslation } from "react-i18next";
import { formatFixed, formatNumber } from "@/shared/format";
import { StateWord } from "@/shared/StateWord";
import { EditableRow } from "../edit/EditableRow";
import { useRowMoves } from "../edit/row_moves";
import type { Step } from "../edit/steps";
import classes from "../predict.module.css";
import { lotMinutes, type PredictedOperation, type Prediction } from "../routing";
import { RangeBar, scaleOf } from "./RangeBar";
import { predictedFor } from "./total_range";

interface Props {
  steps: readonly Step[];
  prediction: Prediction;
  /** Minutes of the whole routing: of many operations a little more than theirs together. */
  total: number;
  /** The edit that its cells change; null where they are only read. */
  editName: string | null;
}

/** Every operation with its times, their 80 % range and how many lots of the item back them. */
export function OperationTable({ steps, prediction, total, editName }: Props) {
  const { t } = useTranslation("predict");
  const { quantity } = prediction;
  const rows = steps.map((step) => ({ step, predicted: predictedFor(step, prediction) }));
  const scale = scaleOf(rows.map(({ step, predicted }) => [lotMinutes(step, quantity), predicted?.lot_range]));
  const moves = useRowMoves(editName, steps);
  return (
    <section className={classes.scroller} aria-label={t("operations.title")} tabIndex={0} ref={moves.table}>
      <table className={classes.table} aria-label={t("operations.title")} data-edited={editName !== null}>
        <Head isEdited={editName !== null} quantity={quantity} />
        <tbody>
          {rows.map(({ step, predicted }, index) =>
            editName === null ? (
              <tr key={step.id}>
                <ReadCells step={step} />
                <TimeCells step={step} predicted={predicted} quantity={quantity} scale={scale} />
                <td className={classes.numeric}>{predicted && formatNumber(predicted.evidence_count)}</td>
              </tr>
            ) : (
              <EditableRow
                key={step.id}
                step={step}
                index={index}
                last={steps.length - 1}
                editName={editName}
                moves={moves}
              >
                <TimeCells step={step} predicted={predicted} quantity={quantity} scale={null} />
              </EditableRow>
            ),
          )}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row" colSpan={7}>
              {t("operations.total", { count: steps.length, number: formatNumber(steps.length) })}
            </th>
            <td className={classes.numeric} title={t("total.minutesHelp")} data-total>
              {formatFixed(total, 1)}
            </td>
            <td colSpan={2} />
          </tr>
        </tfoot>
      </table>
    </section>
  );
}

function Head({ isEdited, quantity }: { isEdited: boolean; quantity: number }) {
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
        <th scope="col" className={isEdited ? undefined : classes.rangeColumn}>
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

function ReadCells({ step }: { step: Step }) {
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

function TimeCells({ step, predicted, quantity, scale }: TimeProps) {
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
