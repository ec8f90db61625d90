import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { formatMoment } from "@/shared/format";
import type { Job } from "@/shared/jobs";
import { Panel } from "@/shared/Panel";
import { StateWord } from "@/shared/StateWord";
import { CancelJob } from "./CancelJob";
import { JobLink } from "./JobLink";
import classes from "./training.module.css";

/** Jobs that run beside the one that is shown, and those that wait, in the order of their turn. */
export function Queue({ jobs }: { jobs: readonly Job[] }) {
  const { t } = useTranslation(["training", "words"]);
  return (
    <Panel title={t("queue.title")} caption={t("queue.caption")}>
      {jobs.length === 0 && <Text c="dimmed">{t("queue.empty")}</Text>}
      <ol className={classes.queue}>
        {jobs.map((job) => (
          <li key={job.job_id}>
            <StateWord tone={job.status === "RUNNING" ? "good" : "neutral"}>
              {`${t(`jobKind.${job.kind}`, { ns: "words" })} · ${t(`jobStatus.${job.status}`, { ns: "words" })}`}
            </StateWord>
            <JobLink jobId={job.job_id} />
            <Text c="dimmed" span>
              {t("queue.since", { moment: formatMoment(job.created_at) })}
            </Text>
            <CancelJob job={job} compact />
          </li>
        ))}
      </ol>
    </Panel>
  );
}
