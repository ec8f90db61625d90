import { useTranslation } from "react-i18next";
import type { Korean } from "@/i18n/ko";
import { StateWord } from "@/shared/StateWord";
import type { Check } from "./checks";
import classes from "./gate.module.css";

/** The gate's checks, those that failed first. */
export function CheckList({ checks }: { checks: readonly Check[] }) {
  const { t, i18n } = useTranslation("gate");
  const sorted = [...checks].sort((one, other) => Number(one.passed) - Number(other.passed));
  const nameOf = (name: string) =>
    i18n.exists(`check.${name}`, { ns: "gate" }) ? t(`check.${name as keyof Korean["gate"]["check"]}`) : name;
  return (
    <ul className={classes.checks} aria-label={t("checks")}>
      {sorted.map((check) => (
        <li key={check.name}>
          <StateWord tone={check.passed ? "good" : "bad"}>{t(check.passed ? "passed" : "failed")}</StateWord>
          <span className={classes.checkName}>{nameOf(check.name)}</span>
          <span lang="en" className={classes.detail}>
            {check.detail}
          </span>
        </li>
      ))}
    </ul>
  );
}
