import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { zoneName } from "@/shared/format";
import classes from "./logs.module.css";
import { fromLocalField, toLocalField } from "./moments";
import { LEVELS, SOURCES, type Wanted } from "./queries";

const LONGEST_TEXT = 200; // characters; the API's limit
const TYPING_MS = 400;

interface Props {
  wanted: Wanted;
  onChange: (changes: Partial<Wanted>, options?: { replace?: boolean }) => void;
}

/** Which log, and which of its entries. */
export function Filters({ wanted, onChange }: Props) {
  const { t } = useTranslation("logs");
  return (
    <search className={classes.filters}>
      <NativeSelect
        label={t("source")}
        value={wanted.source}
        onChange={({ currentTarget }) => onChange({ source: currentTarget.value as Wanted["source"] })}
        data={SOURCES.map((value) => ({ value, label: t(`sources.${value}`) }))}
      />
      <NativeSelect
        label={t("level")}
        value={wanted.level}
        onChange={({ currentTarget }) => onChange({ level: currentTarget.value as Wanted["level"] })}
        data={[
          { value: "", label: t("anyLevel") },
          ...LEVELS.map((value) => ({ value, label: t("levelAndAbove", { level: t(`levels.${value}`) }) })),
        ]}
      />
      <SearchText text={wanted.text} onChange={(text) => onChange({ text }, { replace: true })} />
      <Moment label={t("since", { zone: zoneName() })} value={wanted.since} onChange={(since) => onChange({ since })} />
      <Moment label={t("until", { zone: zoneName() })} value={wanted.until} onChange={(until) => onChange({ until })} />
      <Button
        variant="default"
        onClick={() => onChange({ level: "", text: "", since: "", until: "" })}
        disabled={!(wanted.level || wanted.text || wanted.since || wanted.until)}
      >
        {t("clear")}
      </Button>
    </search>
  );
}

/** What is typed is searched for once the typing pauses. */
function SearchText({ text, onChange }: { text: string; onChange: (text: string) => void }) {
  const { t } = useTranslation("logs");
  const [typed, setTyped] = useState(text);
  const [known, setKnown] = useState(text);
  if (text !== known) {
    setKnown(text); // changed elsewhere, such as by Back
    setTyped(text);
  }
  const searchSoon = useDebouncedCallback(onChange, TYPING_MS);
  return (
    <TextInput
      type="search"
      label={t("text")}
      value={typed}
      maxLength={LONGEST_TEXT}
      onChange={({ currentTarget }) => {
        setTyped(currentTarget.value);
        searchSoon(currentTarget.value);
      }}
    />
  );
}

function Moment({ label, value, onChange }: { label: string; value: string; onChange: (value: string) => void }) {
  return (
    <TextInput
      type="datetime-local"
      label={label}
      value={toLocalField(value)}
      onChange={({ currentTarget }) => onChange(fromLocalField(currentTarget.value))}
    />
  );
}
