import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { StateWord } from "@/shared/StateWord";
import classes from "./frame.module.css";
import { TONES, useServerState } from "./health";

/** The server's state, always in sight; leads to the page that says more. */
export function HealthDot() {
  const { t } = useTranslation();
  const state = useServerState();
  const word = t(`health.${state}`);
  return (
    <Link to="/system" className={classes.health} aria-label={t("health.label", { state: word })} data-state={state}>
      <StateWord tone={TONES[state]}>{word}</StateWord>
    </Link>
  );
}
