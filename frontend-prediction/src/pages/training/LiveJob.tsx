import { Group, Stack } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { isActive } from "@/shared/jobs";
import { Panel } from "@/shared/Panel";
import { Loaded } from "@/shared/states/Loaded";
import { CancelJob } from "./CancelJob";
import { useJob } from "./feed/use_job";
import { JobLink } from "./JobLink";
import { JobLog } from "./JobLog";
import { JobProgress } from "./JobProgress";

/** The job that runs now, as it goes on. */
export function LiveJob({ jobId }: { jobId: string }) {
  const { t } = useTranslation("training");
  const { query, lines, state } = useJob(jobId);
  return (
    <Panel
      title={t("live.title")}
      actions={
        <Group gap="sm">
          <JobLink jobId={jobId} />
          {query.data && isActive(query.data) && <CancelJob job={query.data} />}
        </Group>
      }
    >
      <Loaded query={query} height={200}>
        {(job) => (
          <Stack>
            <JobProgress job={job} />
            <JobLog lines={lines} state={state} active={isActive(job)} />
          </Stack>
        )}
      </Loaded>
    </Panel>
  );
}
