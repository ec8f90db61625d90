import { Anchor, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import type { Korean } from "@/i18n/ko";
import { formatMoment } from "@/shared/format";
import { formatMetric, isMetric } from "@/shared/metrics";
import { Panel } from "@/shared/Panel";
import { StateWord } from "@/shared/StateWord";
import classes from "./quality.module.css";
import { ServerWords } from "./ServerWords";

type Alert = Schemas["StoredAlert"];

/** The alerts of the days and severity asked for; each leads to its cycle. */
export function Alerts({ alerts, isFiltered }: { alerts: readonly Alert[]; isFiltered: boolean }) {
  const { t } = useTranslation("quality");
  return (
    <Panel title={t("alerts.title")}>
      {alerts.length === 0 ? (
        <Text>{t(isFiltered ? "alerts.noneFiltered" : "alerts.none")}</Text>
      ) : (
        <ul className={classes.alerts} aria-label={t("alerts.title")}>
          {alerts.map((alert) => (
            <AlertLine key={alert.alert_id} alert={alert} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function AlertLine({ alert }: { alert: Alert }) {
  const { t } = useTranslation(["quality", "words"]);
  const isCritical = alert.severity === "critical";
  const severity = t(isCritical ? "severity.critical" : "severity.warning", { ns: "words" });
  return (
    <li>
      <StateWord tone={isCritical ? "bad" : "warning"}>{severity}</StateWord>
      {alert.cycle_id ? (
        <Anchor
          component={Link}
          to="."
          search={((before: Record<string, unknown>) => ({ ...before, cycle: alert.cycle_id })) as never}
          className={classes.when}
        >
          {formatMoment(alert.created_at)}
        </Anchor>
      ) : (
        <span className={classes.when}>{formatMoment(alert.created_at)}</span>
      )}
      <div className={classes.alertWords}>
        <AlertWords alert={alert} />
      </div>
    </li>
  );
}

/** Alerts of thresholds are told in figures; those of the trigger and the watch name what is worse than promised. */
function AlertWords({ alert }: { alert: Alert }) {
  const { t, i18n } = useTranslation(["quality", "metrics"]);
  if (isMetric(alert.metric)) {
    return (
      <>
        {t("alerts.text", {
          metric: t(`${alert.metric}.name`, { ns: "metrics" }),
          value: formatMetric(alert.metric, alert.value),
          threshold: formatMetric(alert.metric, alert.threshold),
        })}
      </>
    );
  }
  const isKnown = i18n.exists(`alerts.kind.${alert.metric}`, { ns: "quality" });
  return (
    <>
      {isKnown && t(`alerts.kind.${alert.metric as keyof Korean["quality"]["alerts"]["kind"]}`)}
      <ServerWords words={[alert.message]} />
    </>
  );
}
