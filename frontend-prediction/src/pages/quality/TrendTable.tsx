import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { formatFixed, formatMoment, formatNumber, zoneName } from "@/shared/format";
import { HEADLINES, type MetricName, SHARES } from "@/shared/metrics";
import type { Column } from "@/shared/table/columns";
import { DataTable } from "@/shared/table/DataTable";
import { useAddress } from "./address";
import type { Cycle } from "./cycles";
import { useCycle } from "./looked_at";

/** The table behind the charts; a row opens its cycle. */
export function TrendTable({ cycles }: { cycles: readonly Cycle[] }) {
  const { t } = useTranslation("quality");
  const [, change] = useAddress();
  const { data } = useCycle();
  return (
    <DataTable
      label={t("trend.tableLabel")}
      rows={cycles}
      columns={useColumns()}
      rowKey={(cycle) => cycle.cycle_id}
      onOpen={(cycle) => change({ cycle: cycle.cycle_id })}
      openKey={data?.cycle_id ?? null}
      visibleRows={10}
      minWidth={1500}
    />
  );
}

function useColumns(): Column<Cycle>[] {
  const { t } = useTranslation(["quality", "metrics"]);
  return useMemo(
    () => [
      {
        key: "created",
        title: t("trend.column.created", { zone: zoneName() }),
        width: "11rem",
        sortBy: (cycle) => cycle.created_at,
        show: (cycle) => formatMoment(cycle.created_at, { zone: false }),
      },
      {
        key: "status",
        title: t("trend.column.status"),
        width: "6rem",
        show: (cycle) => t(`shortStatus.${cycle.status}`),
      },
      ...HEADLINES.map((metric) => metricColumn(metric, t(`${metric}.name`, { ns: "metrics" }), t("minutes"))),
      count("items", t("trend.column.items"), (cycle) => cycle.sample_count.items),
      count("alerts", t("trend.column.alerts"), (cycle) => cycle.alerts.length),
      count("drift", t("trend.column.drift"), (cycle) =>
        cycle.drift ? cycle.drift.errors.length + cycle.drift.inputs.length : null,
      ),
      { key: "model", title: t("trend.column.model"), width: "16rem", show: (cycle) => cycle.model_version },
    ],
    [t],
  );
}

function metricColumn(metric: MetricName, title: string, minutes: string): Column<Cycle> {
  const isShare = SHARES.has(metric);
  const value = (cycle: Cycle) => (isShare ? percent(cycle[metric]) : cycle[metric]);
  return {
    key: metric,
    title,
    ...(metric === "cv" ? {} : { unit: isShare ? "%" : minutes }),
    numeric: true,
    width: isShare ? "10.5rem" : "8.5rem",
    sortBy: value,
    show: (cycle) => formatFixed(value(cycle), isShare ? 1 : metric === "cv" ? 3 : 2),
  };
}

function percent(share: number | null): number | null {
  return share === null ? null : 100 * share;
}

function count(key: string, title: string, value: (cycle: Cycle) => number | null): Column<Cycle> {
  return { key, title, numeric: true, width: "5.5rem", sortBy: value, show: (cycle) => formatNumber(value(cycle)) };
}
