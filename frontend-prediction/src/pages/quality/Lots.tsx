import { Button, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { formatFixed, formatMinutes, formatNumber, NO_VALUE } from "@/shared/format";
import { Panel } from "@/shared/Panel";
import { StateWord } from "@/shared/StateWord";
import { Loaded } from "@/shared/states/Loaded";
import type { Column } from "@/shared/table/columns";
import { DataTable } from "@/shared/table/DataTable";
import { useAddress } from "./address";
import { type ComparedOperation, compared } from "./compared";
import { itemQuery } from "./queries";

type Lot = Schemas["JudgedLotView"];

/** One item's lots with the largest errors, operation by operation predicted against actual. */
export function Lots({ cycleId, itemCode }: { cycleId: string; itemCode: string }) {
  const { t } = useTranslation("quality");
  const [, change] = useAddress();
  const query = useQuery(itemQuery(cycleId, itemCode));
  return (
    <Panel
      title={t("lots.title", { item: itemCode })}
      caption={t("lots.caption")}
      actions={
        <Button variant="default" size="xs" onClick={() => change({ item: "" })}>
          {t("lots.close")}
        </Button>
      }
    >
      <Loaded query={query} height={280}>
        {({ lots }) => (
          <Stack gap="md">
            {lots.length === 0 && <Text>{t("lots.none")}</Text>}
            {lots.map((lot) => (
              <LotTable key={lot.work_order_code} lot={lot} />
            ))}
          </Stack>
        )}
      </Loaded>
    </Panel>
  );
}

function LotTable({ lot }: { lot: Lot }) {
  const { t } = useTranslation("quality");
  const columns = useColumns();
  const rows = useMemo(() => compared(lot), [lot]);
  const label = t("lots.lot", { order: lot.work_order_code, quantity: formatNumber(lot.quantity, 2) });
  return (
    <div>
      <Text fw={600}>{label}</Text>
      <Text c="dimmed" fz="sm" mb={4}>
        {t("lots.total", {
          predicted: formatMinutes(lot.predicted_minutes),
          actual: formatMinutes(lot.actual_minutes),
          error: formatMinutes(lot.absolute_error_minutes),
        })}
      </Text>
      <DataTable label={label} rows={rows} columns={columns} rowKey={(row) => row.key} minWidth={1136} />
    </div>
  );
}

function useColumns(): Column<ComparedOperation>[] {
  const { t } = useTranslation("quality");
  return useMemo(() => {
    const minutes = t("minutes");
    const numeric = (key: string, title: string, value: (row: ComparedOperation) => number | null | undefined) => ({
      key,
      title,
      unit: minutes,
      numeric: true,
      width: "6.5rem",
      show: (row: ComparedOperation) => formatFixed(value(row), 1),
    });
    const centre = (title: string, side: "predicted" | "actual") => ({
      key: `${side} centre`,
      title,
      width: "7rem",
      show: (row: ComparedOperation) => row[side]?.work_centre ?? NO_VALUE,
    });
    return [
      {
        key: "operation",
        title: t("lots.column.operation"),
        width: "14rem",
        show: (row) => (
          <span translate="no" title={row.name}>
            {row.name}
          </span>
        ),
      },
      centre(t("lots.column.centre"), "predicted"),
      centre(t("lots.column.actualCentre"), "actual"),
      numeric("predicted", t("lots.column.predicted"), (row) => row.predicted?.minutes),
      {
        key: "range",
        title: t("lots.column.range"),
        unit: minutes,
        numeric: true,
        width: "8.5rem",
        show: ({ predicted }) =>
          predicted ? `${formatFixed(predicted.low, 1)} – ${formatFixed(predicted.high, 1)}` : NO_VALUE,
      },
      numeric("actual", t("lots.column.actual"), (row) => row.actual?.minutes),
      {
        key: "difference",
        title: t("lots.column.difference"),
        unit: minutes,
        numeric: true,
        width: "7.5rem",
        show: (row) => signed(row.difference),
      },
      {
        key: "note",
        title: t("lots.column.note"),
        width: "14rem",
        show: (row) => {
          if (row.notes.length === 0) return null;
          const words = row.notes.map((note) => t(`lots.${note}`)).join(", ");
          return (
            <span title={words}>
              <StateWord tone={row.notes.includes("notJudged") ? "neutral" : "warning"}>{words}</StateWord>
            </span>
          );
        },
      },
    ];
  }, [t]);
}

function signed(minutes: number | null): string {
  if (minutes === null) return NO_VALUE;
  const size = formatFixed(Math.abs(minutes), 1);
  return minutes === 0 ? size : `${minutes > 0 ? "+" : "−"}${size}`;
}
