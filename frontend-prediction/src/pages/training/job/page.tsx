import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { isActive, type Job } from "@/shared/jobs";
import { PageHeader } from "@/shared/PageHeader";
import { Panel } from "@/shared/Panel";
import { RoleButton } from "@/shared/RoleButton";
import { Loaded } from "@/shared/states/Loaded";
import { CancelJob } from "../CancelJob";
import type { Told } from "../feed/job_feed";
import { useJob } from "../feed/use_job";
import { JobLog } from "../JobLog";
import { JobProgress } from "../JobProgress";
import { StartDialog } from "../start/StartDialog";
import { wantedAgain } from "../start/wanted";
import classes from "../training.module.css";
import { About } from "./About";
import { Result } from "./Result";

export default function JobPage() {
  const { jobId } = useParams({ strict: false }) as { jobId: string };
  return <OneJob key={jobId} jobId={jobId} />;
}

function OneJob({ jobId }: { jobId: string }) {
  const { t } = useTranslation(["frame", "words"]);
  const { query, lines, state } = useJob(jobId);
  const job = query.data;
  const title = job
    ? t("trainingJobTitle", { kind: t(`jobKind.${job.kind}`, { ns: "words" }) })
    : t("pages.trainingJob");
  return (
    <>
      <PageHeader title={title}>{job && (isActive(job) ? <CancelJob job={job} /> : <RunAgain job={job} />)}</PageHeader>
      <Loaded query={query} height={420}>
        {(loaded) => <Parts job={loaded} told={{ lines, state }} />}
      </Loaded>
    </>
  );
}

function Parts({ job, told }: { job: Job; told: Told }) {
  const { t } = useTranslation("training");
  const active = isActive(job);
  return (
    <div className={classes.page}>
      {active && (
        <Panel title={t("live.progress")}>
          <JobProgress job={job} />
        </Panel>
      )}
      {!active && <Result job={job} />}
      <Panel title={t("log.title")}>
        <JobLog lines={told.lines} state={told.state} active={active} />
      </Panel>
      <About job={job} />
    </div>
  );
}

function RunAgain({ job }: { job: Job }) {
  const { t } = useTranslation("training");
  const [open, setOpen] = useState(false);
  const { wanted, leftOut } = wantedAgain(job);
  return (
    <>
      <RoleButton needs="operator" onClick={() => setOpen(true)}>
        {t("again")}
      </RoleButton>
      {open && <StartDialog initial={wanted} leftOut={leftOut} onClose={() => setOpen(false)} />}
    </>
  );
}
