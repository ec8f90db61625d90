import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { formatDay, formatNumber } from "@/shared/format";
import { isMetric } from "@/shared/metrics";
import { Panel } from "@/shared/Panel";
import { StateWord, type Tone } from "@/shared/StateWord";
import type { Cycle } from "./cycles";
import { usePartName } from "./part_names";
import classes from "./quality.module.css";
import { ServerWords } from "./ServerWords";

type Trigger = Schemas["TriggerView"];

const TONES: Record<Schemas["TriggerAction"], Tone> = {
  none: "good",
  insufficient_data: "neutral",
  refresh: "warning",
  wait: "neutral",
  retrain: "bad",
};

/** What the cycle led to: the trigger's decision, the job that it asked for, and the watch over a new version. */
export function Followed({ cycle }: { cycle: Cycle }) {
  const { t } = useTranslation("quality");
  return (
    <Panel title={t("followed.title")}>
      {cycle.trigger ? <Decision trigger={cycle.trigger} /> : <Text c="dimmed">{t("followed.notDecided")}</Text>}
      {cycle.watch && <Watch watch={cycle.watch} />}
    </Panel>
  );
}

function Decision({ trigger }: { trigger: Trigger }) {
  const { t } = useTranslation(["quality", "words"]);
  const { request, alarm } = trigger;
  return (
    <div className={classes.decision}>
      <StateWord tone={TONES[trigger.action]}>{t(`followed.action.${trigger.action}`)}</StateWord>
      {alarm && <span>{t("followed.alarm", { day: formatDay(alarm.opened_at) })}</span>}
      <span className={classes.evidence}>
        {t("followed.judged", { operations: formatNumber(trigger.judged_operations) })}
      </span>
      {trigger.causes.length > 0 && (
        <ul className={classes.findings}>
          {trigger.causes.map((cause) => (
            <CauseLine key={cause.text} cause={cause} />
          ))}
        </ul>
      )}
      {request && (
        <span>
          {t("followed.request", { kind: t(`jobKind.${request.kind}`, { ns: "words" }) })}{" "}
          {request.outcome === null && t("followed.pending")}
          {request.outcome === "started" && t("followed.started")} {request.job_id && <code>{request.job_id}</code>}
        </span>
      )}
      <ServerWords words={[trigger.reason, request?.outcome === "started" ? null : request?.outcome]} />
    </div>
  );
}

function CauseLine({ cause }: { cause: Schemas["CauseView"] }) {
  const { t } = useTranslation("quality");
  return (
    <li>
      <strong>{useCauseWords(cause)}</strong>
      <span className={classes.evidence}>
        {t("followed.causeEvidence", {
          operations: formatNumber(cause.operations),
          days: formatNumber(cause.days, 1),
        })}
      </span>
    </li>
  );
}

/** For a bias the excess is log(predicted / actual); in a part of the plant it is a share, else relative. */
function useCauseWords({ measure, dimension, value, excess }: Schemas["CauseView"]): string {
  const { t } = useTranslation(["quality", "metrics"]);
  const part = usePartName()(dimension, value);
  if (measure === "threshold") {
    return t("followed.threshold", { metric: isMetric(value) ? t(`${value}.name`, { ns: "metrics" }) : value });
  }
  if (measure === "bias") {
    const change = 100 * (Math.exp(-excess) - 1);
    return t(change > 0 ? "changed.longer" : "changed.less", { part, change: formatNumber(Math.abs(change)) });
  }
  const facts = { part, measure: t(`measure.${measure}`), excess: formatNumber(100 * excess) };
  return t(dimension ? "followed.partWorse" : "followed.worse", facts);
}

function Watch({ watch }: { watch: Schemas["WatchView"] }) {
  const { t } = useTranslation("quality");
  const isDecided = watch.roll_back;
  return (
    <div className={classes.decision}>
      <StateWord tone={isDecided ? "bad" : "neutral"}>
        {t(isDecided ? "followed.rolledBack" : "followed.watched", { version: watch.version })}
      </StateWord>
      <span className={classes.evidence}>
        {t("followed.watchEvidence", {
          replaced: watch.replaced,
          operations: formatNumber(watch.compared_operations),
        })}
        {isDecided && ` ${t("followed.loss", { loss: formatNumber(watch.loss_pct, 1) })}`}
      </span>
      <ServerWords words={[watch.reason, watch.outcome]} />
    </div>
  );
}
