import { useTranslation } from "react-i18next";
import { CopyText } from "@/shared/CopyText";
import { Facts } from "@/shared/Facts";
import { formatDuration, formatMoment, formatNumber } from "@/shared/format";
import { isActive, type Job } from "@/shared/jobs";
import { Panel } from "@/shared/Panel";
import { STRATEGIES } from "../start/wanted";
import { elapsedSeconds } from "../timing";
import classes from "../training.module.css";

/** What a job was asked to do, by whom, and when it did it. */
export function About({ job }: { job: Job }) {
  const { t } = useTranslation(["training", "shared"]);
  const parameters = Object.entries(job.parameters);
  const parameterName = useParameterName();
  const parameterValue = useParameterValue();
  return (
    <div className={classes.columns}>
      <Panel title={t("parameters.title")}>
        {parameters.length === 0 ? (
          t("parameters.none")
        ) : (
          <Facts facts={parameters.map(([name, value]) => [parameterName(name), parameterValue(name, value)])} />
        )}
      </Panel>
      <Panel title={t("about.title")}>
        <Facts
          facts={[
            [t("history.id"), <CopyText key="id" text={job.job_id} label={t("about.copyId")} />],
            [t("history.origin"), t(job.automatic ? "origin.automatic" : "origin.manual")],
            [t("about.created"), formatMoment(job.created_at, { seconds: true })],
            [t("about.started"), formatMoment(job.started_at, { seconds: true })],
            [t("about.finished"), formatMoment(job.finished_at, { seconds: true })],
            ...(isActive(job)
              ? []
              : [[t("history.duration"), formatDuration(elapsedSeconds(job, Date.now()))] as const]),
            [t("progress.attempt"), formatNumber(job.attempt)],
          ]}
        />
      </Panel>
    </div>
  );
}

function useParameterName() {
  const { t } = useTranslation("training");
  const names: Record<string, string> = {
    sample_size: t("start.sampleSize"),
    strategy: t("start.strategy"),
    seed: t("start.seed"),
    backtest: t("start.backtest"),
  };
  return (name: string) => names[name] ?? name;
}

function useParameterValue() {
  const { t } = useTranslation("training");
  return (name: string, value: unknown) => {
    const strategy = STRATEGIES.find((one) => name === "strategy" && one === value);
    if (strategy) return t(`strategy.${strategy}`);
    if (typeof value === "boolean") return t(value ? "parameters.yes" : "parameters.no");
    return typeof value === "number" ? formatNumber(value) : String(value);
  };
}
