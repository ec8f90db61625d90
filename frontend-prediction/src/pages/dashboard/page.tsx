import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { currentCycleQuery } from "@/api/queries";
import { PageHeader } from "@/shared/PageHeader";
import { ActiveJob } from "./ActiveJob";
import { Alerts } from "./Alerts";
import { Champion } from "./Champion";
import classes from "./dashboard.module.css";
import { QualityCards } from "./QualityCards";
import { QuickActions } from "./QuickActions";
import { ServerHealth } from "./ServerHealth";

export default function DashboardPage() {
  const { t } = useTranslation();
  const { data: cycle } = useQuery(currentCycleQuery);
  return (
    <>
      <PageHeader
        title={t("pages.dashboard")}
        provenance={
          cycle && { computedAt: cycle.created_at, modelVersion: cycle.model_version, dataCutoff: cycle.data_cutoff }
        }
      />
      <div className={classes.page}>
        <QualityCards />
        <div className={classes.columns}>
          <ActiveJob />
          <Alerts />
          <Champion />
          <ServerHealth />
        </div>
        <QuickActions />
      </div>
    </>
  );
}
