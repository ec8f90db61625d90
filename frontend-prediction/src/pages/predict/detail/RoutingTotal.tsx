import { Group, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { formatDays, formatMinutes } from "@/shared/format";
import type { Step } from "../edit/steps";
import { inDays, type Prediction } from "../routing";
import { leadTimeOfSteps } from "./lead_time";
import { minutesOfSteps, rangeOfSteps } from "./total_range";

type Candidate = Schemas["Candidate"];

interface Props {
  steps: readonly Step[];
  prediction: Prediction;
  /** The one that is shown or was edited: it knows with which numbers ranges are computed. */
  candidate: Candidate;
}

/** Minutes and lead time of the routing as it stands, with the ranges in which eight of ten lots end; all follow edits. */
export function RoutingTotal({ steps, prediction, candidate }: Props) {
  const { t } = useTranslation("predict");
  const spread = candidate.total_spread ?? null;
  const range = rangeOfSteps(steps, prediction, spread);
  const shown = (minutes: number) => {
    const days = inDays(minutes, steps, prediction.quantity);
    return days === null ? formatMinutes(minutes) : `${formatMinutes(minutes)} (${formatDays(days)})`;
  };
  const minutes = shown(minutesOfSteps(steps, prediction, spread));
  return (
    <Group gap="md" data-routing-total>
      <Text fw={600} title={t("total.minutesHelp")}>
        {t("total.minutes", { minutes })}
      </Text>
      {range ? (
        <Text title={t("total.rangeHelp")}>{t("total.range", { low: shown(range.low), high: shown(range.high) })}</Text>
      ) : (
        <Text c="dimmed">{t(spread ? "total.noneKnown" : "total.notLearnt")}</Text>
      )}
      <LeadTime steps={steps} prediction={prediction} candidate={candidate} />
    </Group>
  );
}

function LeadTime({ steps, prediction, candidate }: Props) {
  const { t } = useTranslation("predict");
  const { lead_time: learnt, no_lead_time: reason } = candidate;
  if (steps.length === 0) return null;
  if (!learnt) return reason ? <Text c="dimmed">{t(`total.noLeadTime.${reason}`)}</Text> : null;
  const found = leadTimeOfSteps(steps, prediction, learnt);
  if (!found) return <Text c="dimmed">{t("total.noLeadTime.no_such_lots")}</Text>;
  const { days, low, high } = found;
  const figures = { days: formatDays(days), low: formatDays(low), high: formatDays(high) };
  return <Text title={t("total.leadTimeHelp")}>{t("total.leadTime", figures)}</Text>;
}
