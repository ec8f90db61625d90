import { Autocomplete, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { formatNumber } from "@/shared/format";
import { valuesQuery } from "../queries";
import { useAttributeName } from "../words";
import type { AttributeView } from "./draft";

interface Props {
  attribute: AttributeView;
  value: string;
  isWrong: boolean;
  onChange: (text: string) => void;
}

const LONGEST_VALUE = 2_000;
const TYPING_MS = 200;

/** One attribute: its usual values are suggested while typing, numbers say between what they usually lie. */
export function AttributeField({ attribute, value, isWrong, onChange }: Props) {
  const { t } = useTranslation("predict");
  const label = useAttributeName()(attribute.name);
  const { kind, unit, numbers } = attribute;
  if (kind === "categorical")
    return <CategoryField attribute={attribute} label={label} value={value} onChange={onChange} />;
  const usual = numbers && t("newItem.usual", { low: formatNumber(numbers.p5, 1), high: formatNumber(numbers.p95, 1) });
  return (
    <TextInput
      label={label}
      description={usual}
      error={isWrong && t("newItem.notANumber")}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      inputMode={kind === "numeric" ? "decimal" : "text"}
      rightSection={unit && <Text fz="sm">{unit}</Text>}
      maxLength={LONGEST_VALUE}
      autoComplete="off"
    />
  );
}

interface CategoryProps {
  attribute: AttributeView;
  label: string;
  value: string;
  onChange: (text: string) => void;
}

function CategoryField({ attribute, label, value, onChange }: CategoryProps) {
  const { t } = useTranslation("predict");
  const [isTyping, setTyping] = useState(false);
  const [search] = useDebouncedValue(value.trim().slice(0, 100), TYPING_MS);
  const found = useQuery({ ...valuesQuery(attribute.name, search), enabled: isTyping && search !== "" });
  const counted = (search === "" ? attribute : found.data?.attributes[0])?.values ?? attribute.values;
  const items = new Map(counted.map((one) => [String(one.value), one.items]));
  return (
    <Autocomplete
      label={label}
      placeholder={attribute.values[0] && t("newItem.example", { value: String(attribute.values[0].value) })}
      value={value}
      onChange={onChange}
      onFocus={() => setTyping(true)}
      onBlur={() => setTyping(false)}
      data={[...items.keys()]}
      filter={({ options }) => options}
      renderOption={({ option }) => (
        <span>
          {option.value}{" "}
          <Text span c="dimmed" fz="sm">
            {t("newItem.items", { number: formatNumber(items.get(option.value)) })}
          </Text>
        </span>
      )}
      maxLength={LONGEST_VALUE}
      maxDropdownHeight={240}
    />
  );
}
