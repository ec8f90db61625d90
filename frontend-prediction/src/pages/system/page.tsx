import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { healthQuery } from "@/api/queries";
import { PageHeader } from "@/shared/PageHeader";
import { Parts } from "./Parts";
import { Quarantine } from "./Quarantine";
import { Scheduled } from "./Scheduled";
import classes from "./system.module.css";
import { Versions } from "./Versions";

export default function SystemPage() {
  const { t } = useTranslation();
  const { data: health } = useQuery(healthQuery);
  return (
    <>
      <PageHeader title={t("pages.system")} provenance={health && { modelVersion: health.model_version }} />
      <div className={classes.page}>
        <Parts />
        <Scheduled />
        <Versions />
        <Quarantine />
      </div>
    </>
  );
}
