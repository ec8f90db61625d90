import { useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { formatNumber, formatPercent } from "@/shared/format";
import { StateWord } from "@/shared/StateWord";
import { ColumnWidths, Rows, useRowsInView } from "@/shared/table/RowsInView";
import classes from "../predict.module.css";
import type { Prediction } from "../routing";
import { useAttributeName } from "../words";

type Reason = Prediction["reasons"][number];

const WIDTHS = [null, "6rem", "32%", "32%"];

/** Why each operation is in the first candidate or was left out, and what makes it long or short. */
export function Reasons({ prediction }: { prediction: Prediction }) {
  const { t } = useTranslation("predict");
  const nameOf = useAttributeName();
  const words = useFactorWords();
  const titles = useMemo(() => titlesOf(prediction), [prediction]);
  const scroller = useRef<HTMLElement>(null);
  const rows = useRowsInView(scroller, prediction.reasons.length);
  return (
    <section
      className={`${classes.scroller} ${rows.className ?? ""}`}
      aria-label={t("evidence.reasons")}
      tabIndex={0}
      ref={scroller}
    >
      <table className={classes.table} aria-label={t("evidence.reasons")} {...rows.counted(1)}>
        <ColumnWidths rows={rows} widths={WIDTHS} />
        <thead>
          <tr>
            <th scope="col">{t("operations.code")}</th>
            <th scope="col">{t("evidence.included")}</th>
            <th scope="col">{t("evidence.why")}</th>
            <th scope="col">{t("evidence.whyLong")}</th>
          </tr>
        </thead>
        <tbody>
          <Rows rows={rows} columns={4}>
            {(index, row) => {
              const reason = prediction.reasons[index] as Reason;
              return (
                <tr key={`${reason.operation_code} ${reason.included}`} {...row}>
                  <td>
                    {reason.operation_code} {titles.get(reason.operation_code)}
                  </td>
                  <td className={classes.nowrap}>
                    <StateWord tone={reason.included ? "good" : "neutral"}>
                      {t(reason.included ? "evidence.isIn" : "evidence.leftOut")}
                    </StateWord>
                  </td>
                  <td>
                    <Effects effects={reason.presence} nameOf={nameOf} write={words.presence} />
                  </td>
                  <td>
                    <Effects effects={reason.run_minutes} nameOf={nameOf} write={words.minutes} />
                  </td>
                </tr>
              );
            }}
          </Rows>
        </tbody>
      </table>
    </section>
  );
}

/** The operations' names by their codes; the first candidate's where they differ. */
function titlesOf(prediction: Prediction): Map<string, string> {
  const operations = prediction.candidates.flatMap((candidate) => candidate.operations).reverse();
  return new Map(operations.map((one) => [one.operation_code, one.operation_name ?? ""]));
}

interface EffectsProps {
  effects: Reason["presence"];
  nameOf: (attribute: string) => string;
  write: (factor: number) => string;
}

function Effects({ effects, nameOf, write }: EffectsProps) {
  const { t } = useTranslation("predict");
  if (effects.length === 0) return <>{t("evidence.nothingSpecial")}</>;
  return (
    <>
      {effects.map(({ cause, factor }) => (
        <div key={cause}>
          {nameOf(cause)}: {write(factor)}
        </div>
      ))}
    </>
  );
}

/** How strong a factor is, in words. */
function useFactorWords() {
  const { t } = useTranslation("predict");
  return {
    presence: (factor: number) =>
      factor >= 1
        ? t("factor.likelier", { factor: formatNumber(factor, factor < 10 ? 1 : 0) })
        : t("factor.unlikelier", { factor: formatNumber(1 / factor, 1 / factor < 10 ? 1 : 0) }),
    minutes: (factor: number) =>
      factor >= 1
        ? t("factor.longer", { percent: formatPercent(factor - 1, 0) })
        : t("factor.shorter", { percent: formatPercent(1 - factor, 0) }),
  };
}
