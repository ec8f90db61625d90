import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { formatFixed, NO_VALUE } from "@/shared/format";
import type { Column } from "@/shared/table/columns";
import type { Row } from "./rows";

export function useColumns(): Column<Row>[] {
  const { t } = useTranslation("standards");
  return useMemo(() => {
    const minutes = t("minutes");
    return [
      words("item", t("column.item"), "9rem", (row) => row.item_code),
      words("operation", t("column.operation"), undefined, (row) =>
        [row.operation_code, row.operation_name].filter(Boolean).join(" "),
      ),
      words("centre", t("column.centre"), "6.5rem", (row) => row.work_centre),
      numeric("lost", t("column.lost"), t("column.lostUnit"), (row) => row.minutes_per_year, 0, "8rem"),
      numeric("factor", t("column.factor"), "", (row) => row.factor, 2, "8rem"),
      {
        key: "range",
        title: t("column.range"),
        numeric: true,
        width: "7rem",
        show: (row) => `${formatFixed(row.low, 2)} – ${formatFixed(row.high, 2)}`,
      },
      numeric("lots", t("column.lots"), "", (row) => row.lots, 0, "5rem"),
      numeric("setup", t("column.setup"), minutes, (row) => row.setup_minutes, 1, "7rem"),
      numeric("run", t("column.run"), t("column.perUnit"), (row) => row.run_minutes_per_unit, 3, "8rem"),
    ];
  }, [t]);
}

function words(key: string, title: string, width: string | undefined, value: (row: Row) => string | null): Column<Row> {
  const show = (row: Row) => (
    <span translate="no" title={value(row) ?? undefined}>
      {value(row) ?? NO_VALUE}
    </span>
  );
  return { key, title, ...(width && { width }), sortBy: value, show };
}

function numeric(
  key: string,
  title: string,
  unit: string,
  value: (row: Row) => number,
  digits: number,
  width: string,
): Column<Row> {
  const show = (row: Row) => formatFixed(value(row), digits);
  return { key, title, ...(unit && { unit }), numeric: true, width, sortBy: value, show };
}
