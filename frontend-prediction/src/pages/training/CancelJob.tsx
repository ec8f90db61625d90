import { Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api } from "@/api/client";
import { AskDialog } from "@/shared/AskDialog";
import type { Job } from "@/shared/jobs";
import { RoleButton } from "@/shared/RoleButton";
import { jobQuery } from "./feed/use_job";

/** Cancels a job, once that has been confirmed. */
export function CancelJob({ job, compact = false }: { job: Job; compact?: boolean }) {
  const { t } = useTranslation(["training", "words"]);
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  const cancelling = useMutation({
    mutationFn: () => answer(api.DELETE("/api/training/jobs/{job_id}", { params: { path: { job_id: job.job_id } } })),
    onSuccess: (cancelled) => {
      queries.setQueryData(jobQuery(job.job_id).queryKey, cancelled);
      setAsking(false);
    },
    onSettled: () => void queries.invalidateQueries({ queryKey: ["jobs"] }),
  });
  const kind = t(`jobKind.${job.kind}`, { ns: "words" });
  const open = () => {
    cancelling.reset();
    setAsking(true);
  };
  return (
    <>
      <RoleButton
        needs="operator"
        variant="default"
        size={compact ? "compact-sm" : "sm"}
        onClick={open}
        aria-label={t("cancel.label", { kind, job: job.job_id })}
      >
        {t("cancel.action")}
      </RoleButton>
      {asking && (
        <AskDialog
          title={t("cancel.title", { kind })}
          action={t("cancel.confirm")}
          busy={cancelling.isPending}
          error={cancelling.error}
          onConfirm={() => cancelling.mutate()}
          onClose={() => setAsking(false)}
        >
          <Text>{t(job.status === "RUNNING" ? "cancel.running" : "cancel.waiting")}</Text>
        </AskDialog>
      )}
    </>
  );
}
