import { Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { formatMinutes, formatMoment, formatNumber } from "@/shared/format";
import { EmptyState } from "@/shared/states/EmptyState";
import { DataTable } from "@/shared/table/DataTable";
import { useAddress } from "./address";
import { useColumns } from "./columns";
import { Evidence } from "./Evidence";
import { keyOf, matching, minutesLost } from "./rows";
import { Toolbar } from "./Toolbar";

/** The report as a table, filtered by text; a row opens its evidence. */
export function Standards({ report }: { report: Schemas["StaleStandards"] }) {
  const [address, change] = useAddress();
  const rows = matching(report.stale, address.q);
  const open = report.stale.find((row) => row.item_code === address.item && row.operation_code === address.operation);
  const { t } = useTranslation("standards");
  const columns = useColumns();
  if (report.stale.length === 0) return <NothingFound report={report} />;
  return (
    <Stack gap="sm">
      <Summary report={report} />
      <Toolbar rows={rows} />
      {rows.length === 0 ? (
        <EmptyState why={t("noMatch.why")} remedy={t("noMatch.remedy")} />
      ) : (
        <DataTable
          label={t("table")}
          rows={rows}
          columns={columns}
          rowKey={keyOf}
          sorting={address.sort}
          onSort={(sort) => change({ sort }, { replace: true })}
          onOpen={(row) => change({ item: row.item_code, operation: row.operation_code })}
          openKey={open ? keyOf(open) : null}
          visibleRows={16}
          minWidth={1140}
        />
      )}
      <Text fz="sm">{t("total", { minutes: formatMinutes(minutesLost(rows), 0) })}</Text>
      {open && <Evidence row={open} close={() => change({ item: "", operation: "" })} />}
    </Stack>
  );
}

function Summary({ report }: { report: Schemas["StaleStandards"] }) {
  const { t } = useTranslation("standards");
  const { compared, found, ambiguous, stale } = report;
  const facts = [
    t("counts", { compared: formatNumber(compared), found: formatNumber(found) }),
    stale.length < found && t("more", { shown: formatNumber(stale.length) }),
    report.until && t("until", { moment: formatMoment(report.until) }),
    ambiguous > 0 && t("ambiguous", { operations: formatNumber(ambiguous) }),
  ];
  return (
    <div>
      <Text>{t("caption", { days: formatNumber(report.days) })}</Text>
      <Text c="dimmed" fz="sm">
        {facts.filter(Boolean).join(" ")}
      </Text>
    </div>
  );
}

function NothingFound({ report }: { report: Schemas["StaleStandards"] }) {
  const { t } = useTranslation("standards");
  const compared = formatNumber(report.compared);
  return report.compared > 0 ? (
    <EmptyState why={t("noneFound.why")} remedy={t("noneFound.remedy", { compared })} />
  ) : (
    <EmptyState why={t("noneCompared.why")} remedy={t("noneCompared.remedy", { days: formatNumber(report.days) })} />
  );
}
