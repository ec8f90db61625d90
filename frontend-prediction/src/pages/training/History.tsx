import { Group, NativeSelect } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { formatDuration, formatMoment, NO_VALUE, zoneName } from "@/shared/format";
import { JOB_TONES, type Job } from "@/shared/jobs";
import { Panel } from "@/shared/Panel";
import { StateWord } from "@/shared/StateWord";
import { EmptyState } from "@/shared/states/EmptyState";
import type { Column } from "@/shared/table/columns";
import { DataTable } from "@/shared/table/DataTable";
import { oneOf, sorting, useUrlState } from "@/shared/url_state";
import { outcomeOf } from "./outcome";
import { KINDS } from "./start/wanted";
import { elapsedSeconds } from "./timing";

const ENDED = ["SUCCEEDED", "FAILED", "CANCELLED", "SKIPPED"] as const;

/** What of this page stands in its address. */
const ADDRESS = {
  status: oneOf(["any", ...ENDED], "any"),
  kind: oneOf(["any", ...KINDS], "any"),
  sort: sorting(),
};

/** Jobs that have ended; `most` is how many the server was asked for. */
export function History({ jobs, most }: { jobs: readonly Job[]; most: number }) {
  const { t } = useTranslation(["training", "words"]);
  const navigate = useNavigate();
  const columns = useColumns();
  const [address, change] = useUrlState(ADDRESS);
  const shown = jobs.filter(
    (job) =>
      ENDED.some((status) => status === job.status) &&
      (address.status === "any" || job.status === address.status) &&
      (address.kind === "any" || job.kind === address.kind),
  );
  const filtered = address.status !== "any" || address.kind !== "any";
  return (
    <Panel
      title={t("history.title")}
      caption={jobs.length >= most ? t("history.newest", { count: most }) : undefined}
      actions={
        <Group gap="xs">
          <NativeSelect
            size="xs"
            aria-label={t("history.kindFilter")}
            value={address.kind}
            onChange={({ currentTarget }) => change({ kind: currentTarget.value as typeof address.kind })}
            data={[
              { value: "any", label: t("history.anyKind") },
              ...KINDS.map((value) => ({ value, label: t(`jobKind.${value}`, { ns: "words" }) })),
            ]}
          />
          <NativeSelect
            size="xs"
            aria-label={t("history.statusFilter")}
            value={address.status}
            onChange={({ currentTarget }) => change({ status: currentTarget.value as typeof address.status })}
            data={[
              { value: "any", label: t("history.anyStatus") },
              ...ENDED.map((value) => ({ value, label: t(`jobStatus.${value}`, { ns: "words" }) })),
            ]}
          />
        </Group>
      }
    >
      {shown.length === 0 ? (
        <EmptyState
          why={t(filtered ? "history.noneFiltered" : "history.none")}
          remedy={t(filtered ? "history.noneFilteredRemedy" : "history.noneRemedy")}
        />
      ) : (
        <DataTable
          label={t("history.title")}
          rows={shown}
          columns={columns}
          rowKey={(job) => job.job_id}
          onOpen={(job) => void navigate({ to: `/training/${job.job_id}` })}
          sorting={address.sort}
          onSort={(sort) => change({ sort }, { replace: true })}
          minWidth={900}
        />
      )}
    </Panel>
  );
}

function useColumns(): Column<Job>[] {
  const { t } = useTranslation(["training", "words"]);
  return useMemo(
    () => [
      {
        key: "created",
        title: t("history.created", { zone: zoneName() }),
        width: "11.5rem",
        sortBy: (job) => job.created_at,
        show: (job) => formatMoment(job.created_at, { zone: false }),
      },
      {
        key: "kind",
        title: t("history.kind"),
        width: "7rem",
        sortBy: (job) => job.kind,
        show: (job) => t(`jobKind.${job.kind}`, { ns: "words" }),
      },
      {
        key: "status",
        title: t("history.status"),
        width: "7.5rem",
        sortBy: (job) => job.status,
        show: (job) => (
          <StateWord tone={JOB_TONES[job.status]}>{t(`jobStatus.${job.status}`, { ns: "words" })}</StateWord>
        ),
      },
      {
        key: "outcome",
        title: t("history.outcome"),
        show: (job) => {
          const outcome = outcomeOf(job);
          return outcome ? t(`outcome.${outcome}`) : NO_VALUE;
        },
      },
      {
        key: "origin",
        title: t("history.origin"),
        width: "7rem",
        show: (job) => t(job.automatic ? "origin.automatic" : "origin.manual"),
      },
      {
        key: "duration",
        title: t("history.duration"),
        numeric: true,
        width: "8rem",
        sortBy: (job) => elapsedSeconds(job, Date.now()),
        show: (job) => formatDuration(elapsedSeconds(job, Date.now())),
      },
      { key: "id", title: t("history.id"), width: "17rem", show: (job) => job.job_id },
    ],
    [t],
  );
}
