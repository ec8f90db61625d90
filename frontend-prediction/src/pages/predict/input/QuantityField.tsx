import { TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { isQuantity } from "../address";

interface Props {
  value: number | "invalid" | null;
  onChange: (value: number | "invalid" | null) => void;
}

/** Pieces in a lot; empty for each item's usual lot. */
export function QuantityField({ value, onChange }: Props) {
  const { t } = useTranslation("predict");
  const [text, setText] = useState(typeof value === "number" ? String(value) : "");
  const read = (typed: string) => {
    setText(typed);
    const plain = typed.replaceAll(",", "").trim();
    onChange(plain === "" ? null : isQuantity(Number(plain)) ? Number(plain) : "invalid");
  };
  return (
    <TextInput
      label={t("input.quantity")}
      description={t("input.quantityHelp")}
      value={text}
      onChange={(event) => read(event.currentTarget.value)}
      error={value === "invalid" && t("input.quantityWrong")}
      inputMode="decimal"
      autoComplete="off"
      maxLength={16}
    />
  );
}
