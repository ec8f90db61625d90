import { Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { formatMoment, formatNumber } from "@/shared/format";
import { FigureTable } from "@/shared/gate/FigureTable";
import { Verdict } from "@/shared/gate/Verdict";
import { SegmentTable } from "../SegmentTable";

/** What the gate decided on a version and what it saw. */
export function GatePart({ gate }: { gate: Schemas["GateView"] }) {
  const { t } = useTranslation("models");
  const hasChampion = Object.keys(gate.champion_metrics).length > 0;
  const own = { title: t("figures.own"), metrics: gate.metrics, intervals: gate.intervals };
  const champion = {
    title: t("figures.champion"),
    metrics: gate.champion_metrics,
    intervals: gate.champion_intervals,
  };
  const { judged_after: after, judged_until: until } = gate.data_seen;
  const segments = gate.segments.map(({ dimension, value, champion: left, challenger }) => ({
    dimension,
    value,
    left,
    right: challenger,
  }));
  return (
    <Stack>
      <Verdict promoted={gate.promoted} reason={gate.reason} checks={gate.checks} />
      <div>
        <FigureTable label={t("figures.title")} columns={hasChampion ? [champion, own] : [own]} />
        {typeof after === "string" && typeof until === "string" && (
          <Text c="dimmed" fz="sm" mt="xs">
            {t("figures.judgedOn", {
              operations: formatNumber(gate.compared_operations),
              after: formatMoment(after),
              until: formatMoment(until),
            })}
          </Text>
        )}
      </div>
      {segments.length > 0 && (
        <SegmentTable
          segments={segments}
          left={hasChampion ? t("figures.champion") : null}
          right={t("figures.own")}
          leftOut={gate.segments_left_out}
        />
      )}
    </Stack>
  );
}
