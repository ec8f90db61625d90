import { Group, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { formatMinutes } from "@/shared/format";
import type { Step } from "../edit/steps";
import { type Prediction, totalMinutes } from "../routing";
import { rangeOfSteps } from "./total_range";

interface Props {
  steps: readonly Step[];
  prediction: Prediction;
  /** With which the range of the shown routing is computed; null from models that did not learn it. */
  spread: Schemas["TotalSpread"] | null;
}

/** The minutes of the routing as it stands with the range in which eight of ten lots end; both follow every edit. */
export function RoutingTotal({ steps, prediction, spread }: Props) {
  const { t } = useTranslation("predict");
  const range = rangeOfSteps(steps, prediction, spread);
  const minutes = formatMinutes(totalMinutes(steps, prediction.quantity));
  return (
    <Group gap="md" data-routing-total>
      <Text fw={600}>{t("total.minutes", { minutes })}</Text>
      {range ? (
        <Text title={t("total.rangeHelp")}>
          {t("total.range", { low: formatMinutes(range.low), high: formatMinutes(range.high) })}
        </Text>
      ) : (
        <Text c="dimmed">{t(spread ? "total.noneKnown" : "total.notLearnt")}</Text>
      )}
    </Group>
  );
}
