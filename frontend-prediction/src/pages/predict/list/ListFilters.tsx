import { Button, Group, NativeSelect, Text, TextInput } from "@mantine/core";
import { useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { formatNumber } from "@/shared/format";
import { Icon } from "@/shared/icons";
import { useShortcuts } from "@/shared/keys";
import { useUrlState } from "@/shared/url_state";
import { ADDRESS, ATTENTION_FILTERS, DECISION_FILTERS, STATUS_FILTERS } from "../address";
import { ExportDialog } from "../export/ExportDialog";
import type { RoutingCodes } from "../export/routings";
import classes from "../predict.module.css";
import { AttentionLimitsButton } from "./AttentionLimitsButton";
import type { ItemRow } from "./rows";

interface Props {
  rows: readonly ItemRow[];
  shown: readonly ItemRow[];
  compact: boolean;
  routingCodes: RoutingCodes;
}

/** Which items are listed, how many that are, and saving them. */
export function ListFilters({ rows, shown, compact, routingCodes }: Props) {
  const { t } = useTranslation("predict");
  const [address, change] = useUrlState(ADDRESS);
  const [isExporting, setExporting] = useState(false);
  const find = useRef<HTMLInputElement>(null);
  useShortcuts(
    useMemo(
      () => [
        { code: "Slash", label: t("list.find"), run: () => find.current?.focus() },
        { code: "KeyE", alt: true, shift: true, label: t("export.title"), run: () => setExporting(true) },
      ],
      [t],
    ),
  );
  const flagged = rows.filter((row) => row.marks.length > 0).length;
  const replace = { replace: true };
  return (
    <Group gap="xs" align="flex-end" className={classes.filters}>
      <TextInput
        ref={find}
        size="xs"
        label={t("list.find")}
        value={address.find}
        onChange={(event) => change({ find: event.currentTarget.value }, replace)}
        className={classes.find}
      />
      <Choice
        label={t("list.attention")}
        value={address.attention}
        choices={ATTENTION_FILTERS.map((one) => [one, t(`filter.attention.${one}`)])}
        onChange={(attention) => change({ attention }, replace)}
      />
      <Choice
        label={t("list.status")}
        value={address.status}
        choices={STATUS_FILTERS.map((one) => [one, one === "all" ? t("filter.all") : t(`status.${one}`)])}
        onChange={(status) => change({ status }, replace)}
      />
      <Choice
        label={t("list.decision")}
        value={address.decision}
        choices={DECISION_FILTERS.map((one) => [one, t(`filter.decision.${one}`)])}
        onChange={(decision) => change({ decision }, replace)}
      />
      <AttentionLimitsButton />
      <Button
        size="xs"
        variant="default"
        leftSection={<Icon name="download" size={15} />}
        onClick={() => setExporting(true)}
        aria-keyshortcuts="Alt+Shift+E"
      >
        {t("export.title")}
      </Button>
      <Text fz="sm" c="dimmed" role="status" className={compact ? classes.wholeLine : undefined}>
        {t("list.counted", {
          shown: formatNumber(shown.length),
          total: formatNumber(rows.length),
          flagged: formatNumber(flagged),
        })}
      </Text>
      {isExporting && (
        <ExportDialog
          rows={shown}
          open={address.item}
          routingCodes={routingCodes}
          onClose={() => setExporting(false)}
        />
      )}
    </Group>
  );
}

interface ChoiceProps<Value extends string> {
  label: string;
  value: Value;
  choices: readonly (readonly [Value, string])[];
  onChange: (value: Value) => void;
}

function Choice<Value extends string>({ label, value, choices, onChange }: ChoiceProps<Value>) {
  return (
    <NativeSelect
      size="xs"
      label={label}
      value={value}
      data={choices.map(([one, words]) => ({ value: one, label: words }))}
      onChange={(event) => onChange(event.currentTarget.value as Value)}
    />
  );
}
