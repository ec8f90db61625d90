import { Button, Group, Text, TextInput } from "@mantine/core";
import { type KeyboardEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { formatNumber } from "@/shared/format";
import type { Operation } from "../routing";

interface Props {
  operations: readonly Operation[];
  /** The place (from 0) that was found last; null where none is. */
  found: number | null;
  onFind: (place: number | null) => void;
  /** Goes on behind the table. */
  onPast: () => void;
}

/** Finds operations in a long routing, of which the browser's own search sees only what is in view. */
export function StepFinder({ operations, found, onFind, onPast }: Props) {
  const { t } = useTranslation("predict");
  const [text, setText] = useState("");
  const places = placesOf(operations, text);
  const at = found === null ? -1 : places.indexOf(found);
  const change = (next: string) => {
    setText(next);
    onFind(placesOf(operations, next)[0] ?? null);
  };
  const walk = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.nativeEvent.isComposing || places.length === 0) return;
    const next = event.shiftKey ? at - 1 + places.length : at + 1;
    onFind(places[next % places.length] ?? null);
  };
  const figures = { number: formatNumber(at + 1), all: formatNumber(places.length) };
  return (
    <Group gap="sm">
      <TextInput
        size="xs"
        type="search"
        aria-label={t("find.label")}
        placeholder={t("find.label")}
        title={t("find.help")}
        value={text}
        onChange={(event) => change(event.currentTarget.value)}
        onKeyDown={walk}
        autoComplete="off"
        spellCheck={false}
      />
      <Text component="output" fz="sm" c="dimmed" flex={1}>
        {text.trim() !== "" && t(places.length === 0 ? "find.nothing" : "find.found", figures)}
      </Text>
      <Button size="xs" variant="default" onClick={onPast}>
        {t("find.past")}
      </Button>
    </Group>
  );
}

function placesOf(operations: readonly Operation[], text: string): number[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return [];
  return operations.flatMap((operation, place) => {
    const { operation_code, operation_name, work_centre, sequence } = operation;
    const texts = [operation_code, operation_name ?? "", work_centre];
    const isFound = String(sequence) === wanted || texts.some((one) => one.toLowerCase().includes(wanted));
    return isFound ? [place] : [];
  });
}
