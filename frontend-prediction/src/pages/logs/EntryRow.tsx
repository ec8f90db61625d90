import { useTranslation } from "react-i18next";
import { formatMoment, NO_VALUE } from "@/shared/format";
import { StateWord, type Tone } from "@/shared/StateWord";
import classes from "./logs.module.css";
import type { Entry } from "./queries";

const TONES: Record<NonNullable<Entry["level"]>, Tone> = {
  DEBUG: "neutral",
  INFO: "neutral",
  WARNING: "warning",
  ERROR: "bad",
  CRITICAL: "bad",
};

interface Props {
  entry: Entry;
  /** Whether the lines that belong to it, such as a traceback, are shown. */
  open: boolean;
  onToggle: () => void;
}

/** One thing that was logged. */
export function EntryRow({ entry, open, onToggle }: Props) {
  const { t } = useTranslation("logs");
  return (
    <>
      <div className={classes.entry}>
        <time dateTime={entry.time ?? undefined}>{formatMoment(entry.time, { zone: false, seconds: true })}</time>
        {entry.level ? (
          <StateWord tone={TONES[entry.level]}>{t(`levels.${entry.level}`)}</StateWord>
        ) : (
          <span>{NO_VALUE}</span>
        )}
        <span className={classes.message} lang="en">
          {entry.message}
          {entry.logger && (
            <small>
              {" "}
              {entry.logger}
              {entry.request_id && entry.request_id !== "-" && ` · ${entry.request_id}`}
            </small>
          )}
        </span>
        {entry.detail && (
          <button type="button" className={classes.toggle} aria-expanded={open} onClick={onToggle}>
            {t(open ? "fold" : "unfold", { count: entry.detail.split("\n").length })}
          </button>
        )}
      </div>
      {open && (
        <pre className={classes.detail} lang="en">
          {entry.detail}
        </pre>
      )}
      {entry.cut && <small className={classes.cut}>{t("cut")}</small>}
    </>
  );
}
