import { Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { ApiError } from "@/api/problem";
import { ErrorState } from "@/shared/states/ErrorState";
import { JobLink } from "../JobLink";
import classes from "../training.module.css";

/** Why a job was not queued; where the queue is full, the jobs that fill it. */
export function StartProblem({ error }: { error: unknown }) {
  const { t } = useTranslation("training");
  const waiting = error instanceof ApiError ? error.facts.waiting : undefined;
  return (
    <Stack gap="sm">
      <ErrorState error={error} />
      {Array.isArray(waiting) && (
        <div>
          <Text fw={600}>{t("start.queueHolds")}</Text>
          <ul className={classes.queue}>
            {waiting.map((jobId: string) => (
              <li key={jobId}>
                <JobLink jobId={jobId} />
              </li>
            ))}
          </ul>
        </div>
      )}
    </Stack>
  );
}
