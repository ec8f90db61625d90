import { Anchor, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { currentCycleQuery } from "@/api/queries";
import { formatDay, formatNumber } from "@/shared/format";
import { HEADLINES } from "@/shared/metrics";
import { Panel } from "@/shared/Panel";
import { EmptyState } from "@/shared/states/EmptyState";
import { Loaded } from "@/shared/states/Loaded";
import classes from "./dashboard.module.css";
import { MetricCard } from "./MetricCard";

/** The six figures of the newest evaluation, and on what they rest. */
export function QualityCards() {
  const { t } = useTranslation("dashboard");
  const query = useQuery(currentCycleQuery);
  const empty = { when: () => false, show: <NotEvaluated /> };
  return (
    <Panel
      title={t("quality")}
      actions={
        <Anchor component={Link} to="/quality" fz="sm" lh="24px">
          {t("qualityLink")}
        </Anchor>
      }
    >
      <Loaded query={query} height={150} empty={empty}>
        {(cycle) => (
          <>
            <ul className={classes.cards}>
              {HEADLINES.map((metric) => (
                <MetricCard key={metric} metric={metric} cycle={cycle} />
              ))}
            </ul>
            <Basis cycle={cycle} />
          </>
        )}
      </Loaded>
    </Panel>
  );
}

function NotEvaluated() {
  const { t } = useTranslation("dashboard");
  return (
    <EmptyState why={t("cycle.empty")} remedy={t("cycle.emptyRemedy")}>
      <code>routing-ml evaluate</code>
    </EmptyState>
  );
}

function Basis({ cycle }: { cycle: Schemas["CycleSummary"] }) {
  const { t } = useTranslation("dashboard");
  const { items, operations } = cycle.sample_count;
  const facts = [
    t(`cycle.status.${cycle.status}`),
    t("cycle.sample", { items: formatNumber(items), operations: formatNumber(operations) }),
    cycle.window.start && t("cycle.window", { start: formatDay(cycle.window.start), end: formatDay(cycle.window.end) }),
  ];
  return (
    <Text c="dimmed" fz="sm" mt="xs">
      {facts.filter(Boolean).join(" · ")}
    </Text>
  );
}
