import { Button, Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Facts } from "@/shared/Facts";
import { formatMinutes, formatNumber } from "@/shared/format";
import { Panel } from "@/shared/Panel";
import type { Row } from "./rows";

/** What one stale standard rests on. */
export function Evidence({ row, close }: { row: Row; close: () => void }) {
  const { t } = useTranslation("standards");
  const operation = row.operation_name ? `${row.operation_code} ${row.operation_name}` : row.operation_code;
  const percent = formatNumber(100 * Math.abs(row.factor - 1));
  return (
    <Panel
      title={t("detail.title", { item: row.item_code, operation })}
      actions={
        <Button size="xs" variant="default" onClick={close}>
          {t("detail.close")}
        </Button>
      }
    >
      <Stack gap="xs">
        <Text fw={600}>{t(row.factor > 1 ? "detail.longer" : "detail.less", { percent })}</Text>
        <Facts
          facts={[
            [
              t("detail.standard"),
              t("detail.standardValue", {
                setup: formatMinutes(row.setup_minutes),
                run: formatMinutes(row.run_minutes_per_unit, 3),
              }),
            ],
            [t("detail.perLot"), formatMinutes(row.standard_minutes_per_lot)],
            [t("detail.actualLot"), formatMinutes(row.standard_minutes_per_lot * row.factor)],
            [t("detail.range"), `${formatNumber(row.low, 3)} – ${formatNumber(row.high, 3)}`],
            [t("detail.lots"), formatNumber(row.lots)],
            [t("detail.lost"), formatMinutes(row.minutes_per_year, 0)],
            [t("detail.orders"), row.work_order_codes.join(", ")],
          ]}
        />
      </Stack>
    </Panel>
  );
}
