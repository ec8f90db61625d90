import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { formatFixed, formatNumber, NO_VALUE } from "@/shared/format";
import { Panel } from "@/shared/Panel";
import { EmptyState } from "@/shared/states/EmptyState";
import { Loaded } from "@/shared/states/Loaded";
import type { Column } from "@/shared/table/columns";
import { DataTable } from "@/shared/table/DataTable";
import { useAddress } from "./address";
import { usePartName, useValueName } from "./part_names";
import { type CycleItems, itemsQuery } from "./queries";
import type { Dimension } from "./segments";

type Item = Schemas["ItemFigures"];

/** The items of a segment, or of the whole cycle, the largest errors first. */
export function Items({
  cycleId,
  segment,
}: {
  cycleId: string;
  segment: { dimension: Dimension; value: string } | null;
}) {
  const { t } = useTranslation("quality");
  const [, change] = useAddress();
  const partName = usePartName();
  const query = useQuery(itemsQuery(cycleId, segment));
  const title = segment
    ? t("items.title", { segment: partName(segment.dimension, segment.value) })
    : t("items.titleAll");
  const empty = {
    when: () => false,
    show: <EmptyState why={t("items.none")} remedy={t("items.noneRemedy")} />,
  };
  return (
    <Panel
      title={title}
      caption={t("items.caption")}
      actions={
        <Button variant="default" size="xs" onClick={() => change({ segment: "", item: "", itemSort: null })}>
          {t("items.close")}
        </Button>
      }
    >
      <Loaded query={query} height={240} empty={empty}>
        {(list) => <ItemTable list={list} title={title} />}
      </Loaded>
    </Panel>
  );
}

function ItemTable({ list, title }: { list: CycleItems; title: string }) {
  const { t } = useTranslation("quality");
  const [address, change] = useAddress();
  const columns = useColumns();
  if (list.items.length === 0) return <EmptyState why={t("items.empty")} />;
  return (
    <>
      {list.kept_items < list.judged_items && (
        <p>
          {t("items.kept", {
            judged: formatNumber(list.judged_items),
            most: formatNumber(list.most_items),
            each: formatNumber(list.of_a_segment),
          })}
        </p>
      )}
      <DataTable
        label={title}
        rows={list.items}
        columns={columns}
        rowKey={(item) => item.item_code}
        sorting={address.itemSort}
        onSort={(itemSort) => change({ itemSort }, { replace: true })}
        onOpen={(item) => change({ item: item.item_code })}
        openKey={address.item}
        visibleRows={8}
        minWidth={1100}
      />
    </>
  );
}

function useColumns(): Column<Item>[] {
  const { t } = useTranslation(["quality", "metrics"]);
  const valueName = useValueName();
  return useMemo(() => {
    const minutes = t("minutes");
    const words = (key: string, title: string, width: string, value: (item: Item) => string | null) => ({
      key,
      title,
      width,
      sortBy: value,
      show: (item: Item) => value(item) ?? NO_VALUE,
    });
    return [
      words("item", t("items.column.item"), "10rem", (item) => item.item_code),
      words("partType", t("items.column.partType"), "6rem", (item) => item.part_type),
      words("history", t("items.column.history"), "8.5rem", (item) => valueName("history", item.history)),
      numeric("error", t("items.column.error"), minutes, (item) => item.absolute_error_minutes, 1),
      numeric("mae", t("mae.name", { ns: "metrics" }), minutes, (item) => item.mae, 2),
      numeric("predicted", t("items.column.predicted"), minutes, (item) => item.predicted_minutes, 1),
      numeric("actual", t("items.column.actual"), minutes, (item) => item.actual_minutes, 1),
      numeric("match", t("items.column.match"), "%", (item) => 100 * item.process_match, 1),
      numeric("lots", t("items.column.lots"), "", (item) => item.lots, 0),
      numeric("operations", t("items.column.operations"), "", (item) => item.operations, 0),
    ];
  }, [t, valueName]);
}

function numeric(
  key: string,
  title: string,
  unit: string,
  value: (item: Item) => number | null,
  digits: number,
): Column<Item> {
  const width = unit && key === "error" ? "9.5rem" : "6.5rem";
  const show = (item: Item) => formatFixed(value(item), digits);
  return { key, title, ...(unit && { unit }), numeric: true, width, sortBy: value, show };
}
