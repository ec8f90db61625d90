import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { jobsQuery } from "@/api/queries";
import { Scheduled } from "@/pages/system/Scheduled";
import { isActive, type Job } from "@/shared/jobs";
import { PageHeader } from "@/shared/PageHeader";
import { Panel } from "@/shared/Panel";
import { RoleButton } from "@/shared/RoleButton";
import { EmptyState } from "@/shared/states/EmptyState";
import { Loaded } from "@/shared/states/Loaded";
import { History } from "./History";
import { LiveJob } from "./LiveJob";
import { Queue } from "./Queue";
import { StartDialog } from "./start/StartDialog";
import classes from "./training.module.css";

const MOST_JOBS = 200;
const WHILE_ACTIVE_MS = 2_000;
const ELSE_MS = 10_000;

export default function TrainingPage() {
  const { t } = useTranslation(["training", "frame"]);
  const [starting, setStarting] = useState(false);
  const query = useQuery({
    ...jobsQuery(MOST_JOBS),
    refetchInterval: ({ state }) => (state.data?.jobs.some(isActive) ? WHILE_ACTIVE_MS : ELSE_MS),
  });
  return (
    <>
      <PageHeader title={t("pages.training", { ns: "frame" })}>
        <RoleButton needs="operator" onClick={() => setStarting(true)}>
          {t("start.open")}
        </RoleButton>
      </PageHeader>
      <div className={classes.page}>
        <Loaded query={query} height={420}>
          {({ jobs }) => <Jobs jobs={jobs} />}
        </Loaded>
        <Scheduled />
      </div>
      {starting && <StartDialog onClose={() => setStarting(false)} />}
    </>
  );
}

function Jobs({ jobs }: { jobs: readonly Job[] }) {
  const { t } = useTranslation("training");
  const running = jobs.find((job) => job.status === "RUNNING");
  const others = jobs.filter((job) => isActive(job) && job !== running).reverse(); // the oldest is next
  return (
    <>
      {running ? (
        <LiveJob key={running.job_id} jobId={running.job_id} />
      ) : (
        <Panel title={t("live.title")}>
          <EmptyState why={t("live.none")} remedy={t("live.noneRemedy")} />
        </Panel>
      )}
      <Queue jobs={others} />
      <History jobs={jobs} most={MOST_JOBS} />
    </>
  );
}
