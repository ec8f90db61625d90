import { Button, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { alertsQuery } from "@/api/queries";
import { formatMoment } from "@/shared/format";
import { Icon } from "@/shared/icons";
import { PageHeader } from "@/shared/PageHeader";
import { EmptyState } from "@/shared/states/EmptyState";
import { Loaded } from "@/shared/states/Loaded";
import { Agreement } from "./Agreement";
import { Alerts } from "./Alerts";
import { useAddress } from "./address";
import { Cards } from "./Cards";
import { Changed } from "./Changed";
import { endOfDay, withinDays } from "./cycles";
import { DrillDown } from "./DrillDown";
import { EvaluateButton, useEvaluateNow } from "./EvaluateNow";
import { EvaluationState } from "./EvaluationState";
import { saveCyclesCsv, saveCyclesJson } from "./exporting";
import { Filters } from "./Filters";
import { Followed } from "./Followed";
import { useCycle } from "./looked_at";
import classes from "./quality.module.css";
import { historyQuery } from "./queries";
import { Segments } from "./Segments";
import { Trend } from "./Trend";

const MOST_ALERTS = 200;

export default function QualityPage() {
  const { t } = useTranslation(["quality", "frame"]);
  const { data: cycle } = useCycle();
  const start = useEvaluateNow();
  return (
    <>
      <PageHeader
        title={t("pages.quality", { ns: "frame" })}
        provenance={
          cycle && { computedAt: cycle.created_at, modelVersion: cycle.model_version, dataCutoff: cycle.data_cutoff }
        }
      >
        <Export />
        <EvaluateButton start={start} />
      </PageHeader>
      <Stack gap="md">
        <EvaluationState start={start} />
        <Filters />
        <Chosen />
        <LookedAt />
      </Stack>
    </>
  );
}

/** The cycles and alerts that the filters leave. */
function useShown() {
  const [{ last, from, to, severity }] = useAddress();
  const history = useQuery(historyQuery(last, to ? endOfDay(to) : null));
  const alerts = useQuery(alertsQuery(MOST_ALERTS));
  const cycles = useMemo(() => withinDays(history.data?.cycles ?? [], from, to), [history.data, from, to]);
  const shownAlerts = withinDays(alerts.data?.alerts ?? [], from, to).filter(
    (alert) => severity === "all" || alert.severity === severity,
  );
  return { history, alerts, cycles, shownAlerts };
}

function Export() {
  const { t } = useTranslation("quality");
  const { cycles, shownAlerts } = useShown();
  if (cycles.length === 0) return null;
  return (
    <>
      <Button
        variant="default"
        leftSection={<Icon name="download" />}
        onClick={() => saveCyclesCsv(cycles)}
        title={t("export.csv")}
      >
        {t("saveCsv")}
      </Button>
      <Button
        variant="default"
        leftSection={<Icon name="download" />}
        onClick={() => saveCyclesJson(cycles, shownAlerts)}
        title={t("export.json")}
      >
        {t("saveJson")}
      </Button>
    </>
  );
}

/** Says that an earlier cycle is looked at, and leads back to the newest. */
function Chosen() {
  const { t } = useTranslation("quality");
  const [address, change] = useAddress();
  const { data: cycle } = useCycle();
  if (address.cycle === "") return null;
  return (
    <div className={classes.notice}>
      <div className={classes.chosen}>
        <span>
          {t("chosen.text", { moment: formatMoment(cycle?.created_at) })} <code>{address.cycle}</code>
        </span>
        <Button size="compact-sm" variant="default" onClick={() => change({ cycle: "" })}>
          {t("chosen.newest")}
        </Button>
      </div>
    </div>
  );
}

function LookedAt() {
  const { t } = useTranslation("quality");
  const query = useCycle();
  const empty = {
    when: () => false,
    show: (
      <EmptyState why={t("empty.why")} remedy={t("empty.remedy")}>
        <code>routing-ml evaluate</code>
      </EmptyState>
    ),
  };
  return (
    <Loaded query={query} height={640} empty={empty}>
      {(cycle) => (
        <>
          <Cards cycle={cycle} />
          <div className={classes.columns}>
            <div className={classes.column}>
              <TrendPanel />
              <Segments cycle={cycle} />
              <DrillDown cycleId={cycle.cycle_id} />
            </div>
            <Reasons cycle={cycle} />
          </div>
        </>
      )}
    </Loaded>
  );
}

function TrendPanel() {
  const { t } = useTranslation("quality");
  const { history, cycles } = useShown();
  return (
    <Loaded query={history} height={520}>
      {() =>
        cycles.length > 0 ? (
          <Trend cycles={cycles} />
        ) : (
          <EmptyState why={t("trend.empty")} remedy={t("trend.emptyRemedy")} />
        )
      }
    </Loaded>
  );
}

function Reasons({ cycle }: { cycle: Schemas["Cycle"] }) {
  const [{ from, to, severity }] = useAddress();
  const { alerts, shownAlerts } = useShown();
  const isFiltered = from !== "" || to !== "" || severity !== "all";
  return (
    <div className={classes.column}>
      <Changed cycle={cycle} />
      <Followed cycle={cycle} />
      <Loaded query={alerts} height={90}>
        {() => <Alerts alerts={shownAlerts} isFiltered={isFiltered} />}
      </Loaded>
      <Agreement />
    </div>
  );
}
