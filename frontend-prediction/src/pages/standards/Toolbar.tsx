import { Button, Group, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { saveFile } from "@/shared/csv";
import { Icon } from "@/shared/icons";
import { useAddress } from "./address";
import { type Row, rowsCsv } from "./rows";

/** Finding rows by text, and saving those that are shown. */
export function Toolbar({ rows }: { rows: readonly Row[] }) {
  const { t } = useTranslation("standards");
  const [{ q }, change] = useAddress();
  return (
    <Group align="flex-end" justify="space-between" gap="sm">
      <TextInput
        type="search"
        label={t("filter")}
        value={q}
        onChange={(event) => change({ q: event.currentTarget.value }, { replace: true })}
        w={{ base: "100%", xs: 340 }}
      />
      <Button
        variant="default"
        disabled={rows.length === 0}
        leftSection={<Icon name="download" />}
        onClick={() => saveFile("stale_standards.csv", rowsCsv(rows))}
      >
        {t("save")}
      </Button>
    </Group>
  );
}
