import { Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { databaseQuery, healthQuery, jobsQuery } from "@/api/queries";
import { Facts } from "@/shared/Facts";
import { formatMilliseconds, formatNumber } from "@/shared/format";
import { HealthReason } from "@/shared/HealthReason";
import { Panel } from "@/shared/Panel";
import { StateWord } from "@/shared/StateWord";
import { Loaded } from "@/shared/states/Loaded";
import classes from "./system.module.css";

const EVERY_MS = 15_000;
const MOST_JOBS = 200;

/** The server, its database and its queue: each asked by itself, so that one that is away hides no other. */
export function Parts() {
  const { t } = useTranslation("system");
  return (
    <div className={classes.parts}>
      <Panel title={t("part.server")}>
        <Server />
      </Panel>
      <Panel title={t("part.database")}>
        <Database />
      </Panel>
      <Panel title={t("part.queue")}>
        <Queue />
      </Panel>
    </div>
  );
}

function Server() {
  const { t } = useTranslation("system");
  const query = useQuery(healthQuery);
  return (
    <Loaded query={query} height={120}>
      {(health) => (
        <Stack gap="sm">
          <StateWord tone={health.reasons.length === 0 ? "good" : "warning"}>
            {t(health.reasons.length === 0 ? "state.good" : "state.bad")}
          </StateWord>
          <Facts
            facts={[
              [t("fact.version"), health.version],
              [t("fact.model"), health.model_version ?? t("fact.noModel")],
              [t("fact.timeZone"), health.time_zone ?? t("fact.unknownZone")],
            ]}
          />
          {health.reasons.map((reason) => (
            <HealthReason key={`${reason.part} ${reason.problem}`} reason={reason} />
          ))}
        </Stack>
      )}
    </Loaded>
  );
}

function Database() {
  const { t } = useTranslation("system");
  const query = useQuery({ ...databaseQuery, refetchInterval: EVERY_MS });
  return (
    <Loaded query={query} height={120}>
      {(database) => (
        <Stack gap="sm">
          <StateWord tone="good">{t("state.connected")}</StateWord>
          <Facts
            facts={[
              [t("fact.profile"), database.profile],
              [t("fact.answerTime"), formatMilliseconds(database.milliseconds)],
            ]}
          />
        </Stack>
      )}
    </Loaded>
  );
}

function Queue() {
  const { t } = useTranslation("system");
  const jobs = useQuery({ ...jobsQuery(MOST_JOBS), refetchInterval: EVERY_MS });
  const { data: health } = useQuery(healthQuery);
  return (
    <Loaded query={jobs} height={120}>
      {(data) => {
        const count = (status: string) => formatNumber(data.jobs.filter((job) => job.status === status).length);
        return (
          <Facts
            facts={[
              [t("fact.running"), count("RUNNING")],
              [t("fact.waiting"), count("STARTED")],
              ...(health
                ? [[t("fact.owner"), t(health.owns_jobs ? "fact.ownsJobs" : "fact.sharesJobs")] as const]
                : []),
            ]}
          />
        );
      }}
    </Loaded>
  );
}
