import { useTranslation } from "react-i18next";
import { formatNumber, formatPercent } from "@/shared/format";
import { StateWord } from "@/shared/StateWord";
import classes from "../predict.module.css";
import type { Prediction } from "../routing";
import { useAttributeName } from "../words";

/** Why each operation is in the first candidate or was left out, and what makes it long or short. */
export function Reasons({ prediction }: { prediction: Prediction }) {
  const { t } = useTranslation("predict");
  const nameOf = useAttributeName();
  const words = useFactorWords();
  const operations = prediction.candidates.flatMap((candidate) => candidate.operations);
  const titleOf = (code: string) => operations.find((one) => one.operation_code === code)?.operation_name ?? "";
  return (
    <section className={classes.scroller} aria-label={t("evidence.reasons")} tabIndex={0}>
      <table className={classes.table} aria-label={t("evidence.reasons")}>
        <thead>
          <tr>
            <th scope="col">{t("operations.code")}</th>
            <th scope="col">{t("evidence.included")}</th>
            <th scope="col">{t("evidence.why")}</th>
            <th scope="col">{t("evidence.whyLong")}</th>
          </tr>
        </thead>
        <tbody>
          {prediction.reasons.map((reason) => (
            <tr key={`${reason.operation_code} ${reason.included}`}>
              <td>
                {reason.operation_code} {titleOf(reason.operation_code)}
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
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface EffectsProps {
  effects: Prediction["reasons"][number]["presence"];
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
