import { Group, Progress, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { jobsQuery } from "@/api/queries";
import { Facts } from "@/shared/Facts";
import { ageMs, formatDuration, formatMoment, formatPercent } from "@/shared/format";
import { isActive, JOB_TONES, type Job } from "@/shared/jobs";
import { Panel } from "@/shared/Panel";
import { StateWord } from "@/shared/StateWord";
import { Loaded } from "@/shared/states/Loaded";

const WHILE_RUNNING_MS = 2_000;
const ELSE_MS = 15_000;

/** The job that runs now, or the one that ended last. */
export function ActiveJob() {
  const { t } = useTranslation("dashboard");
  const query = useQuery({
    ...jobsQuery(20),
    refetchInterval: ({ state }) => (state.data?.jobs.some(isActive) ? WHILE_RUNNING_MS : ELSE_MS),
  });
  return (
    <Panel title={t("job.title")}>
      <Loaded query={query} height={72}>
        {({ jobs }) => {
          const running = jobs.find((job) => job.status === "RUNNING");
          const waiting = jobs.filter((job) => job.status === "STARTED").length;
          return (
            <Stack gap="xs">
              {running ? <Running job={running} /> : <NoneRunning last={jobs.find((job) => !isActive(job))} />}
              {waiting > 0 && <Text c="dimmed">{t("job.queued", { count: waiting })}</Text>}
            </Stack>
          );
        }}
      </Loaded>
    </Panel>
  );
}

function Running({ job }: { job: Job }) {
  const { t } = useTranslation(["dashboard", "words"]);
  const title = t("job.progress", {
    kind: t(`jobKind.${job.kind}`, { ns: "words" }),
    percent: formatPercent(job.progress / 100, 0),
  });
  const age = ageMs(job.started_at);
  return (
    <>
      <Text fw={600}>{title}</Text>
      <Progress value={job.progress} aria-label={title} />
      <Facts
        facts={[
          [
            t("job.step"),
            <span key="step" lang="en">
              {job.current_step}
            </span>,
          ],
          [t("job.elapsed"), formatDuration(age === null ? null : age / 1000)],
        ]}
      />
    </>
  );
}

function NoneRunning({ last }: { last: Job | undefined }) {
  const { t } = useTranslation(["dashboard", "words"]);
  return (
    <>
      <Text>{t("job.none")}</Text>
      {last && (
        <Group gap="xs">
          <Text c="dimmed">{t("job.last", { kind: t(`jobKind.${last.kind}`, { ns: "words" }) })}</Text>
          <StateWord tone={JOB_TONES[last.status]}>{t(`jobStatus.${last.status}`, { ns: "words" })}</StateWord>
          <Text c="dimmed">{formatMoment(last.finished_at)}</Text>
        </Group>
      )}
    </>
  );
}
