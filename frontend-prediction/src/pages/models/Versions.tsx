import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { formatMoment, formatNumber, zoneName } from "@/shared/format";
import { Panel } from "@/shared/Panel";
import { StateWord } from "@/shared/StateWord";
import type { Column } from "@/shared/table/columns";
import { DataTable } from "@/shared/table/DataTable";
import { sorting, useUrlState } from "@/shared/url_state";
import { useFamilyName } from "@/shared/words";
import type { Models, Version } from "./queries";

/** What of this table stands in the address. */
const ADDRESS = { sort: sorting() };

interface Props {
  models: Models;
  open: string;
  onOpen: (version: string) => void;
}

/** The versions that can be activated. */
export function Versions({ models, open, onOpen }: Props) {
  const { t } = useTranslation("models");
  const columns = useColumns(models.previous_version);
  const [address, change] = useUrlState(ADDRESS);
  return (
    <Panel title={t("versions.title")} caption={t("versions.caption")}>
      <DataTable
        label={t("versions.title")}
        rows={models.versions}
        columns={columns}
        rowKey={(version) => version.version}
        openKey={open}
        onOpen={(version) => onOpen(version.version)}
        sorting={address.sort}
        onSort={(sort) => change({ sort }, { replace: true })}
        visibleRows={8}
        minWidth={1160}
      />
    </Panel>
  );
}

function useColumns(previous: string | null): Column<Version>[] {
  const { t } = useTranslation(["models", "words"]);
  const familyName = useFamilyName();
  return useMemo(
    () => [
      { key: "version", title: t("versions.version"), width: "16.75rem", show: (version) => version.version },
      {
        key: "role",
        title: t("versions.role"),
        width: "7rem",
        show: (version) =>
          version.active ? (
            <StateWord tone="good">{t("versions.champion")}</StateWord>
          ) : (
            version.version === previous && <StateWord tone="neutral">{t("versions.previous")}</StateWord>
          ),
      },
      {
        key: "kind",
        title: t("versions.kind"),
        width: "4.75rem",
        show: (one) => t(`versionKind.${one.kind}`, { ns: "words" }),
      },
      { key: "family", title: t("versions.family"), width: "8rem", show: (version) => familyName(version.family) },
      moment("created", t("versions.created", { zone: zoneName() }), (version) => version.created_at),
      moment("cutoff", t("versions.cutoff", { zone: zoneName() }), (version) => version.data_cutoff),
      figure("mae", t("versions.mae"), t("versions.minutes"), (version) => version.metrics.mae, 2, "7.75rem"),
      figure("match", t("versions.match"), "%", (version) => percent(version.metrics.process_match), 1, "9.5rem"),
    ],
    [t, familyName, previous],
  );
}

type Value<Result> = (version: Version) => Result;

function moment(key: string, title: string, value: Value<string | null>): Column<Version> {
  return { key, title, width: "9.75rem", sortBy: value, show: (one) => formatMoment(value(one), { zone: false }) };
}

function figure(
  key: string,
  title: string,
  unit: string,
  value: Value<number | null | undefined>,
  digits: number,
  width: string,
) {
  const show = (one: Version) => formatNumber(value(one), digits);
  return { key, title, unit, numeric: true, width, sortBy: value, show } satisfies Column<Version>;
}

function percent(share: number | null | undefined): number | null {
  return share == null ? null : 100 * share;
}
