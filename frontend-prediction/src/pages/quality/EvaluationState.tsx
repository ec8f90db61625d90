import { Button, Group, Progress, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "@/api/problem";
import { formatMoment, formatPercent } from "@/shared/format";
import { JOB_TONES, type Job } from "@/shared/jobs";
import { StateWord } from "@/shared/StateWord";
import { ErrorState } from "@/shared/states/ErrorState";
import { useAddress } from "./address";
import type { useEvaluateNow } from "./EvaluateNow";
import { cycleOf, useEvaluation, useEvaluationEnd } from "./evaluation";
import classes from "./quality.module.css";

/** The evaluation that runs, how the last one here ended, or why none could be started. */
export function EvaluationState({ start }: { start: ReturnType<typeof useEvaluateNow> }) {
  const { active, running } = useEvaluation();
  const [ended, setEnded] = useState<Job | null>(null);
  useEvaluationEnd(start.data?.job_id, setEnded);
  const full = start.error instanceof ApiError && start.error.status === 409;
  return (
    <div aria-live="polite" className={classes.evaluation}>
      {start.error && <ErrorState error={start.error} retry={() => start.mutate()} />}
      {full && <Queue jobs={active} />}
      {running && <Running job={running} waiting={active.length - 1} />}
      {ended && <Ended job={ended} close={() => setEnded(null)} />}
    </div>
  );
}

function Running({ job, waiting }: { job: Job; waiting: number }) {
  const { t } = useTranslation(["quality", "words"]);
  const title =
    job.status === "STARTED"
      ? t("evaluate.waiting")
      : t("evaluate.progress", { percent: formatPercent(job.progress / 100, 0) });
  return (
    <div className={classes.notice}>
      <Text fw={600}>{title}</Text>
      <Progress value={job.progress} aria-label={title} />
      <Text c="dimmed" fz="sm">
        <span lang="en">{job.current_step}</span>
        {waiting > 0 && ` · ${t("evaluate.moreWait", { count: waiting })}`}
      </Text>
    </div>
  );
}

function Ended({ job, close }: { job: Job; close: () => void }) {
  const { t } = useTranslation(["quality", "words"]);
  const [, change] = useAddress();
  return (
    <Group className={classes.notice} gap="sm">
      <StateWord tone={JOB_TONES[job.status]}>
        {t("evaluate.ended", { status: t(`jobStatus.${job.status}`, { ns: "words" }) })}
      </StateWord>
      {job.status === "SUCCEEDED" && (
        <Button size="compact-sm" variant="default" onClick={() => change({ cycle: cycleOf(job) })}>
          {t("evaluate.show")}
        </Button>
      )}
      {job.error && <span lang="en">{job.error}</span>}
      <Button size="compact-sm" variant="default" onClick={close}>
        {t("evaluate.close")}
      </Button>
    </Group>
  );
}

/** What fills the queue. */
function Queue({ jobs }: { jobs: readonly Job[] }) {
  const { t } = useTranslation(["quality", "words"]);
  return (
    <Stack gap="xs" className={classes.notice}>
      <Text fw={600}>{t("evaluate.queue")}</Text>
      <ul className={classes.lines}>
        {jobs.map((job) => (
          <li key={job.job_id}>
            <StateWord tone={JOB_TONES[job.status]}>{t(`jobStatus.${job.status}`, { ns: "words" })}</StateWord>
            <span>{t(`jobKind.${job.kind}`, { ns: "words" })}</span>
            <code>{job.job_id}</code>
            <span>{formatMoment(job.created_at)}</span>
          </li>
        ))}
      </ul>
    </Stack>
  );
}
