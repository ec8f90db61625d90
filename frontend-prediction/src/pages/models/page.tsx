import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { modelsQuery } from "@/api/queries";
import { PageHeader } from "@/shared/PageHeader";
import { EmptyState } from "@/shared/states/EmptyState";
import { Loaded } from "@/shared/states/Loaded";
import { text, useUrlState } from "@/shared/url_state";
import { ComparisonPanel } from "./compare/ComparisonPanel";
import { DetailsPanel } from "./details/DetailsPanel";
import { HoldNotice } from "./HoldNotice";
import classes from "./models.module.css";
import type { Models } from "./queries";
import { RollBack } from "./RollBack";
import { Versions } from "./Versions";

/** What of this page stands in its address. */
const ADDRESS = { version: text(), compare: text() };
const EVERY_MS = 15_000;

export default function ModelsPage() {
  const { t } = useTranslation(["models", "frame"]);
  const query = useQuery({ ...modelsQuery, refetchInterval: EVERY_MS });
  const empty = {
    when: (models: Models) => models.versions.length === 0,
    show: (
      <EmptyState why={t("none")} remedy={t("noneRemedy")}>
        <code>routing-ml train</code>
      </EmptyState>
    ),
  };
  return (
    <>
      <PageHeader title={t("pages.models", { ns: "frame" })} provenance={{ modelVersion: query.data?.active_version }}>
        {query.data?.previous_version && <RollBack models={query.data} to={query.data.previous_version} />}
      </PageHeader>
      <Loaded query={query} height={420} empty={empty}>
        {(models) => <Parts models={models} />}
      </Loaded>
    </>
  );
}

function Parts({ models }: { models: Models }) {
  const [address, change] = useUrlState(ADDRESS);
  const open = address.version || models.active_version || "";
  return (
    <div className={classes.page}>
      {models.hold && <HoldNotice hold={models.hold} />}
      <Versions models={models} open={open} onOpen={(version) => change({ version, compare: "" })} />
      {open && (
        <DetailsPanel
          key={open}
          version={open}
          models={models}
          compare={address.compare}
          onCompare={(compare) => change({ compare })}
        />
      )}
      {open && address.compare && <ComparisonPanel left={address.compare} right={open} />}
    </div>
  );
}
