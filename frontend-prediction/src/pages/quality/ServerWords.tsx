import { useTranslation } from "react-i18next";
import classes from "./quality.module.css";

/** The server's own words, which are English, folded away below what the page says itself. */
export function ServerWords({ words }: { words: readonly (string | null | undefined)[] }) {
  const { t } = useTranslation("shared");
  const said = words.filter((one) => Boolean(one));
  if (said.length === 0) return null;
  return (
    <details className={classes.serverWords}>
      <summary>{t("serverSays")}</summary>
      {said.map((one) => (
        <p key={one} lang="en">
          {one}
        </p>
      ))}
    </details>
  );
}
