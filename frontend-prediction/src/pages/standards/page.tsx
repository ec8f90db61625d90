import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { PageHeader } from "@/shared/PageHeader";
import { EmptyState } from "@/shared/states/EmptyState";
import { Loaded } from "@/shared/states/Loaded";
import { standardsQuery } from "./queries";
import { Standards } from "./Standards";

export default function StandardsPage() {
  const { t } = useTranslation(["standards", "frame"]);
  const query = useQuery(standardsQuery);
  const empty = {
    when: () => false,
    show: (
      <EmptyState why={t("noneYet.why")} remedy={t("noneYet.remedy")}>
        <Anchor component={Link} to="/quality">
          {t("noneYet.link")}
        </Anchor>
      </EmptyState>
    ),
  };
  return (
    <>
      <PageHeader title={t("pages.standards", { ns: "frame" })} />
      <Loaded query={query} height={600} empty={empty}>
        {(report) => <Standards report={report} />}
      </Loaded>
    </>
  );
}
