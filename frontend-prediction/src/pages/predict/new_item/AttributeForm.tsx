import { Button, Group, Text } from "@mantine/core";
import { useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { formatNumber } from "@/shared/format";
import { useShortcuts } from "@/shared/keys";
import { RoleButton } from "@/shared/RoleButton";
import { StateWord } from "@/shared/StateWord";
import { QuantityField } from "../input/QuantityField";
import classes from "../predict.module.css";
import { AttributeField } from "./AttributeField";
import { CopyItem } from "./CopyItem";
import {
  type Attributes,
  type AttributeView,
  attributesOf,
  type Draft,
  EMPTY_DRAFT,
  typedOf,
  wrongNumbers,
} from "./draft";

interface Props {
  draft: Draft;
  attributes: readonly AttributeView[];
  isKept: boolean;
  onChange: (draft: Draft) => void;
  onPredict: (attributes: Attributes) => void;
}

const MOST_AT_FIRST = 12;

/** A field per attribute of the model, those that count most in the match first. */
export function AttributeForm({ draft, attributes, isKept, onChange, onPredict }: Props) {
  const { t } = useTranslation("predict");
  const [all, setAll] = useState(false);
  const [lot, setLot] = useState<number | "invalid" | null>(draft.quantity);
  const [emptied, setEmptied] = useState(0);
  const sorted = useMemo(() => [...attributes].sort((one, other) => other.weight - one.weight), [attributes]);
  const isShown = ({ name }: AttributeView, index: number) =>
    all || index < MOST_AT_FIRST || Boolean(draft.typed[name]);
  const shown = sorted.filter(isShown);
  const wrong = new Set(wrongNumbers(draft.typed, attributes));
  const values = useMemo(() => attributesOf(draft.typed, attributes), [draft.typed, attributes]);
  const ready = Object.keys(values).length > 0 && wrong.size === 0 && lot !== "invalid";

  const predict = useCallback(() => ready && onPredict(values), [ready, values, onPredict]);
  useShortcuts(useMemo(() => [{ code: "Enter", ctrl: true, label: t("input.predict"), run: predict }], [t, predict]));
  const empty = () => {
    onChange(EMPTY_DRAFT);
    setLot(null);
    setEmptied(emptied + 1);
  };
  return (
    <form
      className={classes.block}
      onSubmit={(event) => {
        event.preventDefault();
        predict();
      }}
    >
      <CopyItem
        key={emptied}
        copied={draft.copiedFrom?.code ?? null}
        onCopy={(item) =>
          onChange({
            ...draft,
            typed: typedOf(item.attributes),
            copiedFrom: { code: item.item_code, attributes: item.attributes },
            asked: null,
          })
        }
      />
      <div className={classes.fields}>
        {shown.map((attribute) => (
          <AttributeField
            key={`${attribute.name} ${draft.copiedFrom?.code ?? ""} ${emptied}`}
            attribute={attribute}
            value={draft.typed[attribute.name] ?? ""}
            isWrong={wrong.has(attribute.name)}
            onChange={(text) => onChange({ ...draft, typed: { ...draft.typed, [attribute.name]: text } })}
          />
        ))}
      </div>
      {(all || shown.length < sorted.length) && (
        <Group>
          <Button size="xs" variant="default" onClick={() => setAll(!all)} aria-expanded={all}>
            {all ? t("newItem.fewer") : t("newItem.more", { number: formatNumber(sorted.length - shown.length) })}
          </Button>
        </Group>
      )}
      <Group align="flex-end" gap="sm">
        <QuantityField
          key={emptied}
          value={lot}
          onChange={(value) => {
            setLot(value);
            if (value !== "invalid") onChange({ ...draft, quantity: value });
          }}
        />
        <RoleButton needs="planner" type="submit" disabled={!ready} aria-keyshortcuts="Control+Enter">
          {t("input.predict")}
        </RoleButton>
        <Button variant="default" onClick={empty}>
          {t("newItem.clear")}
        </Button>
      </Group>
      {Object.keys(values).length === 0 && <Text c="dimmed">{t("newItem.fillOne")}</Text>}
      {!isKept && <StateWord tone="bad">{t("storageFull")}</StateWord>}
    </form>
  );
}
