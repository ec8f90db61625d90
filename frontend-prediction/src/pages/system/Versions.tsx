import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { modelsQuery } from "@/api/queries";
import { formatMoment, formatNumber, zoneName } from "@/shared/format";
import { Panel } from "@/shared/Panel";
import { StateWord } from "@/shared/StateWord";
import { EmptyState } from "@/shared/states/EmptyState";
import { Loaded } from "@/shared/states/Loaded";
import type { Column } from "@/shared/table/columns";
import { DataTable } from "@/shared/table/DataTable";
import { useFamilyName } from "@/shared/words";

type Version = Schemas["ModelVersion"];

/** The model versions on disk. */
export function Versions() {
  const { t } = useTranslation("system");
  const query = useQuery(modelsQuery);
  const columns = useColumns();
  const empty = {
    when: (data: Schemas["VersionList"]) => data.versions.length === 0,
    show: <EmptyState why={t("versions.empty")} remedy={t("versions.emptyRemedy")} />,
  };
  return (
    <Panel title={t("versions.title")}>
      <Loaded query={query} height={104} empty={empty}>
        {({ versions }) => (
          <DataTable
            label={t("versions.title")}
            rows={versions}
            columns={columns}
            rowKey={(version) => version.version}
            visibleRows={6}
            minWidth={820}
          />
        )}
      </Loaded>
    </Panel>
  );
}

function useColumns(): Column<Version>[] {
  const { t } = useTranslation(["system", "words"]);
  const familyName = useFamilyName();
  return useMemo(
    () => [
      { key: "version", title: t("versions.version"), width: "17rem", show: (version) => version.version },
      {
        key: "active",
        title: t("versions.state"),
        show: (version) => version.active && <StateWord tone="good">{t("versions.active")}</StateWord>,
      },
      { key: "kind", title: t("versions.kind"), show: (version) => t(`versionKind.${version.kind}`, { ns: "words" }) },
      { key: "family", title: t("versions.family"), show: (version) => familyName(version.family) },
      {
        key: "created",
        title: t("versions.created", { zone: zoneName() }),
        width: "11rem",
        sortBy: (version) => version.created_at,
        show: (version) => formatMoment(version.created_at, { zone: false }),
      },
      {
        key: "mae",
        title: t("versions.mae"),
        unit: t("versions.minutes"),
        numeric: true,
        width: "13rem",
        sortBy: (version) => version.metrics.mae,
        show: (version) => formatNumber(version.metrics.mae, 2),
      },
    ],
    [t, familyName],
  );
}
