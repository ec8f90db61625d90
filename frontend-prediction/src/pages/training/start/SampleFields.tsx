import { Checkbox, NativeSelect, NumberInput, Stack } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { formatNumber } from "@/shared/format";
import { isWithin, LIMITS, STRATEGIES, type Wanted } from "./wanted";

interface Props {
  wanted: Wanted;
  onChange: (changes: Partial<Wanted>) => void;
}

/** Which items a training or an evaluation is judged on. */
export function SampleFields({ wanted, onChange }: Props) {
  const { t } = useTranslation("training");
  return (
    <Stack gap="sm">
      <WholeNumber
        label={t("start.sampleSize")}
        limits={LIMITS.sampleSize}
        value={wanted.sampleSize}
        onChange={(sampleSize) => onChange({ sampleSize })}
      />
      <NativeSelect
        label={t("start.strategy")}
        value={wanted.strategy ?? ""}
        onChange={({ currentTarget }) =>
          onChange({ strategy: STRATEGIES.find((one) => one === currentTarget.value) ?? null })
        }
        data={[
          { value: "", label: t("start.asConfigured") },
          ...STRATEGIES.map((value) => ({ value, label: t(`strategy.${value}`) })),
        ]}
      />
      {wanted.kind === "evaluation" && (
        <>
          <WholeNumber
            label={t("start.seed")}
            limits={LIMITS.seed}
            value={wanted.seed}
            onChange={(seed) => onChange({ seed })}
          />
          <Checkbox
            label={t("start.backtest")}
            description={t("start.backtestHelp")}
            checked={wanted.backtest}
            onChange={({ currentTarget }) => onChange({ backtest: currentTarget.checked })}
          />
        </>
      )}
    </Stack>
  );
}

interface NumberProps {
  label: string;
  limits: { min: number; max: number };
  value: number | null;
  onChange: (value: number | null) => void;
}

/** A number that may be left empty: then the server's setting holds. */
function WholeNumber({ label, limits, value, onChange }: NumberProps) {
  const { t } = useTranslation("training");
  const range = t("start.range", { min: formatNumber(limits.min), max: formatNumber(limits.max) });
  return (
    <NumberInput
      label={label}
      description={range}
      placeholder={t("start.asConfigured")}
      value={value ?? ""}
      onChange={(next) => onChange(next === "" ? null : Number(next))}
      error={isWithin(value, limits) ? undefined : range}
      allowDecimal={false}
      clampBehavior="none"
      hideControls
    />
  );
}
