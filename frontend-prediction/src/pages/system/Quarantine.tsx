import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { quarantineQuery } from "@/api/queries";
import { saveFile, toCsv } from "@/shared/csv";
import { formatNumber } from "@/shared/format";
import { Icon } from "@/shared/icons";
import { Panel } from "@/shared/Panel";
import { EmptyState } from "@/shared/states/EmptyState";
import { Loaded } from "@/shared/states/Loaded";
import type { Column } from "@/shared/table/columns";
import { DataTable } from "@/shared/table/DataTable";
import { sorting, useUrlState } from "@/shared/url_state";
import { useTableName } from "@/shared/words";

type Row = Schemas["QuarantineRow"];

/** What of this page stands in its address. */
const ADDRESS = { sort: sorting() };

/** Rows of the plant that were not used, counted by table and reason. */
export function Quarantine() {
  const { t } = useTranslation("system");
  const query = useQuery(quarantineQuery);
  const columns = useColumns();
  const [address, change] = useUrlState(ADDRESS);
  const rows = query.data?.quarantine ?? [];
  const empty = {
    when: (data: Schemas["QuarantineList"]) => data.quarantine.length === 0,
    show: <EmptyState why={t("quarantine.empty")} remedy={t("quarantine.emptyRemedy")} />,
  };
  return (
    <Panel
      title={t("quarantine.title")}
      caption={t("quarantine.caption")}
      actions={
        rows.length > 0 && (
          <Button variant="default" size="xs" leftSection={<Icon name="download" />} onClick={() => save(rows)}>
            {t("quarantine.export")}
          </Button>
        )
      }
    >
      <Loaded query={query} height={240} empty={empty}>
        {({ quarantine }) => (
          <DataTable
            label={t("quarantine.title")}
            rows={quarantine}
            columns={columns}
            sorting={address.sort}
            onSort={(sort) => change({ sort }, { replace: true })}
            rowKey={(row) => `${row.source_table} ${row.reason}`}
            minWidth={700}
          />
        )}
      </Loaded>
    </Panel>
  );
}

function useColumns(): Column<Row>[] {
  const { t } = useTranslation("system");
  const tableName = useTableName();
  return useMemo(
    () => [
      {
        key: "table",
        title: t("quarantine.table"),
        width: "9rem",
        sortBy: (row) => tableName(row.source_table),
        show: (row) => tableName(row.source_table),
      },
      {
        key: "reason",
        title: t("quarantine.reason"),
        sortBy: (row) => row.reason,
        show: (row) => (
          <span lang="en" title={row.reason}>
            {row.reason}
          </span>
        ),
      },
      numeric("rows", t("quarantine.rows"), t("quarantine.rowsUnit"), (row) => row.rows),
      numeric("read", t("quarantine.read"), t("quarantine.rowsUnit"), (row) => row.rows_read),
      numeric("share", t("quarantine.share"), "%", (row) => (100 * row.rows) / row.rows_read, 2),
    ],
    [t, tableName],
  );
}

function numeric(key: string, title: string, unit: string, value: (row: Row) => number, digits = 0): Column<Row> {
  const show = (row: Row) => formatNumber(value(row), digits);
  return { key, title, unit, numeric: true, width: "9rem", sortBy: value, show };
}

/** The file has the backend's own names, so that it can be compared with its reports. */
function save(rows: readonly Row[]): void {
  const header = ["source_table", "reason", "rows", "rows_read", "read_at"] as const;
  saveFile(
    "quarantine.csv",
    toCsv(
      header,
      rows.map((row) => header.map((name) => row[name])),
    ),
  );
}
