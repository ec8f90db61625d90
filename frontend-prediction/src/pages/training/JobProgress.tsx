import { Progress, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Facts } from "@/shared/Facts";
import { formatDuration, formatPercent } from "@/shared/format";
import type { Job } from "@/shared/jobs";
import { useNow } from "@/shared/use_now";
import { elapsedSeconds, remainingSeconds } from "./timing";
import classes from "./training.module.css";

/** How far a job is that has not ended. */
export function JobProgress({ job }: { job: Job }) {
  const { t } = useTranslation(["training", "words"]);
  const now = useNow(true);
  const remaining = remainingSeconds(job, now);
  const waiting = job.status === "STARTED";
  const facts: [string, ReactNode][] = [
    [
      t("progress.step"),
      <span key="step" lang="en">
        {job.current_step}
      </span>,
    ],
    [t("progress.elapsed"), waiting ? t("progress.notStarted") : formatDuration(elapsedSeconds(job, now))],
  ];
  if (remaining !== null) facts.push([t("progress.remaining"), formatDuration(remaining)]);
  if (job.attempt > 1) facts.push([t("progress.attempt"), String(job.attempt)]);
  return (
    <Stack gap="xs">
      <div className={classes.progressHead}>
        <Text fw={600}>
          {t(`jobKind.${job.kind}`, { ns: "words" })} · {t(`jobStatus.${job.status}`, { ns: "words" })}
        </Text>
        <span className={classes.percent}>{formatPercent(job.progress / 100, 0)}</span>
      </div>
      <Progress value={job.progress} aria-label={t("progress.label")} />
      <Facts facts={facts} />
    </Stack>
  );
}
