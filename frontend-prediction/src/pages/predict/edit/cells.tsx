import { useState } from "react";
import { useTranslation } from "react-i18next";

interface TextProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  required?: boolean;
  longest?: number;
  "data-cell": string;
}

/** A cell of text. */
export function TextCell({ label, value, onChange, required = false, longest = 100, ...rest }: TextProps) {
  const { t } = useTranslation("predict");
  const lacks = required && value.trim() === "";
  return (
    <input
      aria-label={label}
      aria-invalid={lacks}
      title={lacks ? t("edit.needed") : undefined}
      value={value}
      maxLength={longest}
      spellCheck={false}
      autoComplete="off"
      onChange={(event) => onChange(event.currentTarget.value)}
      {...rest}
    />
  );
}

interface NumberProps {
  label: string;
  value: number;
  digits: number;
  onChange: (value: number) => void;
  "data-cell": string;
}

const MOST_MINUTES = 1e9;

/** A cell of minutes; what is not a number is marked, and gone once the cell is left. */
export function NumberCell({ label, value, digits, onChange, ...rest }: NumberProps) {
  const { t } = useTranslation("predict");
  const [draft, setDraft] = useState<string | null>(null);
  const typed = draft === null ? null : readMinutes(draft);
  const isWrong = draft !== null && typed === null;
  // A draft that says another number was overtaken by undo or redo.
  const shown = draft !== null && (isWrong || typed === value) ? draft : String(Number(value.toFixed(digits)));
  return (
    <input
      aria-label={label}
      aria-invalid={isWrong}
      title={isWrong ? t("edit.notMinutes") : undefined}
      inputMode="decimal"
      autoComplete="off"
      value={shown}
      onChange={(event) => {
        const text = event.currentTarget.value;
        const minutes = readMinutes(text);
        setDraft(text);
        if (minutes !== null) onChange(minutes);
      }}
      onBlur={() => setDraft(null)}
      {...rest}
    />
  );
}

function readMinutes(text: string): number | null {
  const minutes = text.trim() === "" ? Number.NaN : Number(text.replaceAll(",", ""));
  return minutes >= 0 && minutes <= MOST_MINUTES ? minutes : null;
}
