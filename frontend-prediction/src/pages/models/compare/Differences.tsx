import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { NO_VALUE } from "@/shared/format";
import type { Column } from "@/shared/table/columns";
import { DataTable } from "@/shared/table/DataTable";

type Difference = Schemas["Difference"];

/** What two versions were made with that is not the same; names and values are the settings' own. */
export function Differences({ differences }: { differences: readonly Difference[] }) {
  const { t } = useTranslation("models");
  const columns = useMemo<Column<Difference>[]>(
    () => [
      { key: "name", title: t("compare.setting"), sortBy: (one) => one.name, show: (one) => <code>{one.name}</code> },
      side("left", t("compare.left")),
      side("right", t("compare.right")),
    ],
    [t],
  );
  return (
    <DataTable
      label={t("compare.madeWith")}
      rows={differences}
      columns={columns}
      rowKey={(one) => one.name}
      visibleRows={10}
      minWidth={640}
    />
  );
}

function side(key: "left" | "right", title: string): Column<Difference> {
  const write = (value: unknown) =>
    value === null ? NO_VALUE : typeof value === "string" ? value : JSON.stringify(value);
  return {
    key,
    title,
    show: (one) => (
      <code lang="en" title={write(one[key])}>
        {write(one[key])}
      </code>
    ),
  };
}
