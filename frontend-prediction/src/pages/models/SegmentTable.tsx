import { Text, Title } from "@mantine/core";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import type { Korean } from "@/i18n/ko";
import { formatNumber } from "@/shared/format";
import type { Column } from "@/shared/table/columns";
import { DataTable } from "@/shared/table/DataTable";
import { MaeBars } from "./MaeBars";
import { atLeast } from "./scale";

type Segment = Schemas["ComparedSegment"];

interface Props {
  segments: readonly Segment[];
  /** What the two sides are called; `left` is null where there is only one. */
  left: string | null;
  right: string;
  leftOut?: number;
}

/** Mean absolute error in each part of the plant, one bar per model. */
export function SegmentTable({ segments, left, right, leftOut = 0 }: Props) {
  const { t } = useTranslation("models");
  const columns = useColumns(segments, left, right);
  return (
    <div>
      <Title order={4} size="md">
        {t("segments.title")}
      </Title>
      <Text c="dimmed" fz="sm" mb="xs">
        {t("segments.caption")}
        {leftOut > 0 && ` ${t("segments.leftOut", { count: leftOut })}`}
      </Text>
      <DataTable
        label={t("segments.title")}
        rows={segments}
        columns={columns}
        rowKey={(segment) => `${segment.dimension} ${segment.value}`}
        visibleRows={10}
        minWidth={left ? 820 : 640}
      />
    </div>
  );
}

function useColumns(segments: readonly Segment[], left: string | null, right: string): Column<Segment>[] {
  const { t, i18n } = useTranslation("models");
  return useMemo(() => {
    const dimension = (name: string) =>
      i18n.exists(`dimension.${name}`, { ns: "models" })
        ? t(`dimension.${name as keyof Korean["models"]["dimension"]}`)
        : name;
    const value = (segment: Segment) =>
      segment.dimension === "history" && i18n.exists(`history.${segment.value}`, { ns: "models" })
        ? t(`history.${segment.value as keyof Korean["models"]["history"]}`)
        : segment.value;
    const largest = atLeast(segments.flatMap(({ left, right }) => [left?.mae ?? 0, right?.mae ?? 0]));
    const mae = (side: "left" | "right", title: string): Column<Segment> => ({
      key: side,
      title: t("segments.mae", { side: title }),
      unit: t("versions.minutes"),
      numeric: true,
      width: "9.5rem",
      sortBy: (segment) => segment[side]?.mae,
      show: (segment) => formatNumber(segment[side]?.mae, 2),
    });
    return [
      {
        key: "dimension",
        title: t("segments.dimension"),
        width: "7rem",
        sortBy: (one) => dimension(one.dimension),
        show: (one) => dimension(one.dimension),
      },
      {
        key: "value",
        title: t("segments.value"),
        sortBy: value,
        show: (one) => <span title={value(one)}>{value(one)}</span>,
      },
      {
        key: "operations",
        title: t("segments.operations"),
        numeric: true,
        width: "8rem",
        sortBy: (one) => one.right?.operation_count ?? one.left?.operation_count,
        show: (one) => formatNumber(one.right?.operation_count ?? one.left?.operation_count),
      },
      ...(left ? [mae("left", left)] : []),
      mae("right", right),
      {
        key: "bars",
        title: t("segments.bars"),
        width: "11rem",
        show: (one) => <MaeBars left={left === null ? null : one.left?.mae} right={one.right?.mae} largest={largest} />,
      },
    ];
  }, [segments, left, right, t, i18n]);
}
