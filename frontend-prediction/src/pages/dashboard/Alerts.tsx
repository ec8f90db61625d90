import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { alertsQuery } from "@/api/queries";
import { formatMoment } from "@/shared/format";
import { formatMetric, isMetric } from "@/shared/metrics";
import { Panel } from "@/shared/Panel";
import { StateWord } from "@/shared/StateWord";
import { Loaded } from "@/shared/states/Loaded";
import classes from "./dashboard.module.css";

const SHOWN = 5;

/** The newest breaches of thresholds. */
export function Alerts() {
  const { t } = useTranslation("dashboard");
  const query = useQuery(alertsQuery(SHOWN));
  const empty = {
    when: (data: Schemas["AlertList"]) => data.alerts.length === 0,
    show: <Text>{t("alerts.none")}</Text>,
  };
  return (
    <Panel title={t("alerts.title")}>
      <Loaded query={query} height={72} empty={empty}>
        {({ alerts }) => (
          <ul className={classes.alerts}>
            {alerts.map((alert) => (
              <AlertLine key={alert.alert_id} alert={alert} />
            ))}
          </ul>
        )}
      </Loaded>
    </Panel>
  );
}

function AlertLine({ alert }: { alert: Schemas["StoredAlert"] }) {
  const { t } = useTranslation(["dashboard", "words", "metrics"]);
  const critical = alert.severity === "critical";
  return (
    <li>
      <StateWord tone={critical ? "bad" : "warning"}>
        {t(critical ? "severity.critical" : "severity.warning", { ns: "words" })}
      </StateWord>
      <span>
        {isMetric(alert.metric)
          ? t("alerts.text", {
              metric: t(`${alert.metric}.name`, { ns: "metrics" }),
              value: formatMetric(alert.metric, alert.value),
              threshold: formatMetric(alert.metric, alert.threshold),
            })
          : alert.message}
      </span>
      <time dateTime={alert.created_at}>{formatMoment(alert.created_at)}</time>
    </li>
  );
}
