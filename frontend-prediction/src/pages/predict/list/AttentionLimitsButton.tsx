import { Button, NumberInput, Popover, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { type AttentionLimits, USUAL_LIMITS } from "../attention";
import { useAttentionLimits } from "../attention_limits";

/** From where on an item is marked; every planner sets that for themselves. */
export function AttentionLimitsButton() {
  const { t } = useTranslation("predict");
  const [limits, setLimits] = useAttentionLimits();
  const set = (change: Partial<AttentionLimits>) => setLimits({ ...limits, ...change });
  return (
    <Popover width={300} position="bottom-start" trapFocus returnFocus withArrow>
      <Popover.Target>
        <Button size="xs" variant="default">
          {t("limits.title")}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t("limits.title")}>
        <Stack gap="sm">
          <Text fz="sm">{t("limits.help")}</Text>
          <Limit
            label={t("limits.probability")}
            suffix=" %"
            value={100 * limits.probability}
            range={[0, 100]}
            onChange={(value) => set({ probability: value / 100 })}
          />
          <Limit
            label={t("limits.standardShare")}
            suffix=" %"
            value={100 * limits.standardShare}
            range={[1, 1000]}
            onChange={(value) => set({ standardShare: value / 100 })}
          />
          <Limit
            label={t("limits.rangeRatio")}
            suffix={t("limits.times")}
            value={limits.rangeRatio}
            range={[1.1, 100]}
            onChange={(rangeRatio) => set({ rangeRatio })}
          />
          <Button size="xs" variant="default" onClick={() => setLimits(USUAL_LIMITS)}>
            {t("limits.usual")}
          </Button>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

interface LimitProps {
  label: string;
  suffix: string;
  value: number;
  range: readonly [min: number, max: number];
  onChange: (value: number) => void;
}

function Limit({ label, suffix, value, range: [min, max], onChange }: LimitProps) {
  return (
    <NumberInput
      size="xs"
      label={label}
      value={Number(value.toFixed(2))}
      suffix={suffix}
      min={min}
      max={max}
      clampBehavior="strict"
      hideControls
      onChange={(typed) => {
        if (typeof typed === "number" && typed >= min && typed <= max) onChange(typed);
      }}
    />
  );
}
