import { Button, Group, NativeSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { saveFile, toCsv } from "@/shared/csv";
import { formatDay, formatFixed, formatNumber, NO_VALUE } from "@/shared/format";
import { Icon } from "@/shared/icons";
import { Panel } from "@/shared/Panel";
import { EmptyState } from "@/shared/states/EmptyState";
import type { Column } from "@/shared/table/columns";
import { DataTable } from "@/shared/table/DataTable";
import { ALL_ITEMS, useAddress } from "./address";
import { usePrevious } from "./looked_at";
import { useDimensionName, useValueName } from "./part_names";
import classes from "./quality.module.css";
import { cycleQuery } from "./queries";
import { type MovedSegment, moved, wapeChange } from "./segments";

/** The parts of the cycle's work, worst first, and how far each moved since the cycle before. */
export function Segments({ cycle }: { cycle: Schemas["Cycle"] }) {
  const { t } = useTranslation("quality");
  const [address, change] = useAddress();
  const columns = useColumns();
  const previous = usePrevious(cycle);
  const { data: before } = useQuery({ ...cycleQuery(previous?.cycle_id ?? ""), enabled: previous != null });
  const segments = useMemo(() => moved(cycle, previous ? before : null), [cycle, previous, before]);
  const shown = segments.filter((one) => address.dimension === "" || one.dimension === address.dimension);
  const caption = previous
    ? t("segments.captionMoved", { day: formatDay(previous.created_at) })
    : t("segments.caption");
  return (
    <Panel title={t("segments.title")} caption={caption} actions={<Actions cycle={cycle} segments={shown} />}>
      {segments.length === 0 ? (
        <EmptyState why={t("segments.empty")} remedy={t("segments.emptyRemedy")} />
      ) : (
        <>
          <DimensionFilter segments={segments} />
          <DataTable
            label={t("segments.title")}
            rows={shown}
            columns={columns}
            rowKey={(segment) => segment.key}
            onOpen={(segment) => change({ segment: segment.key, item: "" })}
            openKey={address.segment}
            sorting={address.sort}
            onSort={(sort) => change({ sort }, { replace: true })}
            visibleRows={10}
            minWidth={960}
          />
        </>
      )}
    </Panel>
  );
}

function DimensionFilter({ segments }: { segments: readonly MovedSegment[] }) {
  const { t } = useTranslation("quality");
  const [address, change] = useAddress();
  const dimensionName = useDimensionName();
  const counts = new Map<string, number>();
  for (const { dimension } of segments) counts.set(dimension, (counts.get(dimension) ?? 0) + 1);
  const option = (value: string, name: string, count: number) => ({
    value,
    label: t("segments.option", { name, count: formatNumber(count) }),
  });
  return (
    <NativeSelect
      className={classes.narrow}
      aria-label={t("segments.dimension")}
      value={counts.has(address.dimension) ? address.dimension : ""}
      onChange={(event) => change({ dimension: event.currentTarget.value })}
      data={[
        option("", t("segments.all"), segments.length),
        ...[...counts].map(([dimension, count]) => option(dimension, dimensionName(dimension), count)),
      ]}
    />
  );
}

function useColumns(): Column<MovedSegment>[] {
  const { t } = useTranslation(["quality", "metrics"]);
  const dimensionName = useDimensionName();
  const valueName = useValueName();
  return useMemo(
    () => [
      {
        key: "dimension",
        title: t("segments.dimension"),
        width: "7rem",
        sortBy: (segment) => segment.dimension,
        show: (segment) => dimensionName(segment.dimension),
      },
      {
        key: "value",
        title: t("segments.value"),
        width: "9rem",
        sortBy: (segment) => segment.value,
        show: (segment) => valueName(segment.dimension, segment.value),
      },
      numeric("wape", "WAPE", "%", (segment) => percent(segment.wape), 1),
      numeric("moved", t("segments.moved"), t("points"), wapeChange, 1, true),
      numeric("mae", t("mae.name", { ns: "metrics" }), t("minutes"), (segment) => segment.mae, 2),
      numeric("items", t("segments.items"), "", (segment) => segment.item_count, 0),
      numeric("operations", t("segments.operations"), "", (segment) => segment.operation_count, 0),
      numeric("match", t("segments.match"), "%", (segment) => percent(segment.process_match), 1),
      numeric("centre", t("segments.centre"), "%", (segment) => percent(segment.work_centre_match), 1),
    ],
    [t, dimensionName, valueName],
  );
}

type Value = (segment: MovedSegment) => number | null;

function numeric(
  key: string,
  title: string,
  unit: string,
  value: Value,
  digits: number,
  signed = false,
): Column<MovedSegment> {
  const show = (segment: MovedSegment) => (signed ? withSign(value(segment)) : formatFixed(value(segment), digits));
  return { key, title, ...(unit && { unit }), numeric: true, width: "6.375rem", sortBy: value, show };
}

function withSign(change: number | null): string {
  if (change === null) return NO_VALUE;
  const size = formatFixed(Math.abs(change), 1);
  return change === 0 ? size : `${change > 0 ? "+" : "−"}${size}`;
}

function percent(share: number | null): number | null {
  return share === null ? null : 100 * share;
}

/** All items of the cycle, whatever their segment; the file has the backend's own names, as its reports do. */
function Actions({ cycle, segments }: { cycle: Schemas["Cycle"]; segments: readonly MovedSegment[] }) {
  const { t } = useTranslation("quality");
  const [, change] = useAddress();
  const header = [
    "dimension",
    "value",
    "wape",
    "mae",
    "process_match",
    "work_centre_match",
    "outsourcing_success",
    "coverage",
    "item_count",
    "operation_count",
  ] as const;
  const save = () =>
    saveFile(
      `${cycle.cycle_id}_segments.csv`,
      toCsv(
        header,
        segments.map((segment) => header.map((name) => segment[name])),
      ),
    );
  if (segments.length === 0) return null;
  return (
    <Group gap="xs">
      <Button variant="default" size="xs" onClick={() => change({ segment: ALL_ITEMS, item: "" })}>
        {t("items.showAll")}
      </Button>
      <Button variant="default" size="xs" leftSection={<Icon name="download" />} onClick={save}>
        {t("saveCsv")}
      </Button>
    </Group>
  );
}
