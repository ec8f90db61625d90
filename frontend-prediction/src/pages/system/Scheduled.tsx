import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { scheduleQuery } from "@/api/queries";
import { formatMoment, zoneName } from "@/shared/format";
import { Panel } from "@/shared/Panel";
import { EmptyState } from "@/shared/states/EmptyState";
import { Loaded } from "@/shared/states/Loaded";
import type { Column } from "@/shared/table/columns";
import { DataTable } from "@/shared/table/DataTable";

type Plan = Schemas["ScheduledJobView"];

/** Which jobs start by themselves. */
export function Scheduled() {
  const { t } = useTranslation(["system", "words"]);
  const query = useQuery(scheduleQuery);
  const columns = useMemo<Column<Plan>[]>(
    () => [
      { key: "kind", title: t("schedule.kind"), show: (plan) => t(`jobKind.${plan.kind}`, { ns: "words" }) },
      { key: "cron", title: t("schedule.cron"), show: (plan) => <code>{plan.cron}</code> },
      { key: "zone", title: t("schedule.zone"), show: (plan) => plan.time_zone },
      {
        key: "next",
        title: t("schedule.next", { zone: zoneName() }),
        show: (plan) => formatMoment(plan.next_due_at, { zone: false }),
      },
      {
        key: "last",
        title: t("schedule.last", { zone: zoneName() }),
        show: (plan) => formatMoment(plan.last?.due_at, { zone: false }),
      },
    ],
    [t],
  );
  const empty = {
    when: (data: Schemas["Schedule"]) => data.jobs.length === 0,
    show: <EmptyState why={t("schedule.empty")} remedy={t("schedule.emptyRemedy")} />,
  };
  return (
    <Panel title={t("schedule.title")}>
      <Loaded query={query} height={104} empty={empty}>
        {({ jobs }) => (
          <DataTable
            label={t("schedule.title")}
            rows={jobs}
            columns={columns}
            rowKey={(plan) => plan.kind}
            minWidth={700}
          />
        )}
      </Loaded>
    </Panel>
  );
}
