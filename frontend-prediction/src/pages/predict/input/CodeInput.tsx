import { Button, Group, Text, Textarea } from "@mantine/core";
import { type DragEvent, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { formatNumber } from "@/shared/format";
import { Icon } from "@/shared/icons";
import { useShortcuts } from "@/shared/keys";
import { RoleButton } from "@/shared/RoleButton";
import { useUrlState } from "@/shared/url_state";
import { ADDRESS, writeCodes } from "../address";
import classes from "../predict.module.css";
import { parseCodes } from "./codes";
import { forgetInput, keepInput, keptInput } from "./draft";
import { Findings } from "./Findings";
import { QuantityField } from "./QuantityField";
import { useFile } from "./use_file";

interface Props {
  codes: readonly string[];
  quantity: number | null;
}

/** Where codes are pasted, typed or dropped as a file; folded to one line once they are predicted. */
export function CodeInput({ codes, quantity }: Props) {
  const { t } = useTranslation("predict");
  const [isOpen, setOpen] = useState(() => codes.length === 0 || keptInput(codes) !== null);
  if (!isOpen) {
    return (
      <Group className={classes.asked} gap="sm">
        <Text fw={600}>{t("input.asked", { count: codes.length, number: formatNumber(codes.length) })}</Text>
        <Text c="dimmed">
          {quantity === null
            ? t("input.usualQuantity")
            : t("input.askedQuantity", { quantity: formatNumber(quantity, 3) })}
        </Text>
        <Button size="xs" variant="default" leftSection={<Icon name="edit" size={15} />} onClick={() => setOpen(true)}>
          {t("input.change")}
        </Button>
      </Group>
    );
  }
  return <OpenInput codes={codes} quantity={quantity} onPredicted={() => setOpen(false)} />;
}

function OpenInput({ codes, quantity, onPredicted }: Props & { onPredicted: () => void }) {
  const { t } = useTranslation("predict");
  const [, change] = useUrlState(ADDRESS);
  const [{ text, lot }, setDraft] = useState(() => {
    const found = keptInput(codes);
    return { text: found?.text ?? codes.join("\n"), lot: found ? found.quantity : quantity };
  });
  const setText = (next: string) => setDraft((draft) => ({ ...draft, text: next }));
  const setLot = (next: typeof lot) => setDraft((draft) => ({ ...draft, lot: next }));
  useEffect(() => keepInput(codes, text, lot), [codes, text, lot]);
  const [isFull, setFull] = useState(false);
  const file = useFile((found) => setText(found.join("\n")));
  const parsed = useMemo(() => parseCodes(text), [text]);
  const ready = parsed.codes.length > 0 && lot !== "invalid";

  const predict = useCallback(() => {
    if (!ready) return;
    const written = writeCodes(parsed.codes);
    setFull(written === null);
    if (!written) return;
    forgetInput();
    const opened = parsed.codes.length === 1 ? (parsed.codes[0] ?? "") : "";
    change({ ...written, qty: lot, item: opened, candidate: "1", against: "" });
    onPredicted();
  }, [ready, parsed, lot, change, onPredicted]);
  useShortcuts(
    useMemo(
      () => [
        { code: "Enter", ctrl: true, label: t("input.predict"), run: predict },
        { code: "NumpadEnter", ctrl: true, label: t("input.predict"), run: predict },
      ],
      [t, predict],
    ),
  );

  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    field.current?.focus({ preventScroll: true });
  }, []);
  const drop = (event: DragEvent) => {
    const [dropped] = event.dataTransfer.files;
    if (!dropped) return; // text that is dragged goes into the field as usual
    event.preventDefault();
    void file.read(dropped);
  };
  return (
    <section className={classes.input} aria-label={t("input.title")} onDragOver={allowFiles} onDrop={drop}>
      <Textarea
        ref={field}
        label={t("input.label")}
        description={t("input.help")}
        placeholder={t("input.placeholder")}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        rows={6}
        spellCheck={false}
        autoComplete="off"
        classNames={{ input: classes.codes }}
      />
      <div className={classes.inputSide}>
        <QuantityField value={lot} onChange={setLot} />
        <Group gap="xs">
          <RoleButton
            needs="planner"
            onClick={predict}
            disabled={!ready}
            title={t("input.predictKeys")}
            aria-keyshortcuts="Control+Enter"
          >
            {t("input.predict")}
          </RoleButton>
          <Button
            component="label"
            variant="default"
            leftSection={<Icon name="upload" size={16} />}
            className={classes.fileButton}
          >
            {t("input.file")}
            <input
              type="file"
              accept=".csv,.tsv,.txt,.xlsx"
              aria-label={t("input.file")}
              onChange={(event) => {
                const [chosen] = event.currentTarget.files ?? [];
                if (chosen) void file.read(chosen);
                event.currentTarget.value = "";
              }}
            />
          </Button>
        </Group>
        <Findings parsed={parsed} file={file.state} isFull={isFull} />
      </div>
    </section>
  );
}

function allowFiles(event: DragEvent): void {
  if (event.dataTransfer.types.includes("Files")) event.preventDefault();
}
