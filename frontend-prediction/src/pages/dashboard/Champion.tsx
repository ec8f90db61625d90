import { Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { modelsQuery } from "@/api/queries";
import { Facts } from "@/shared/Facts";
import { ageMs, formatDuration, formatMoment, NO_VALUE } from "@/shared/format";
import { Panel } from "@/shared/Panel";
import { StateWord } from "@/shared/StateWord";
import { EmptyState } from "@/shared/states/EmptyState";
import { Loaded } from "@/shared/states/Loaded";
import { useFamilyName } from "@/shared/words";

/** The version that serves, how old it is, and whether automatic promotion is held. */
export function Champion() {
  const { t } = useTranslation("dashboard");
  const query = useQuery(modelsQuery);
  const empty = {
    when: (models: Schemas["VersionList"]) => models.active_version === null,
    show: (
      <EmptyState why={t("model.none")} remedy={t("model.noneRemedy")}>
        <code>routing-ml train</code>
      </EmptyState>
    ),
  };
  return (
    <Panel title={t("model.title")}>
      <Loaded query={query} height={160} empty={empty}>
        {(models) => <Version models={models} />}
      </Loaded>
    </Panel>
  );
}

function Version({ models }: { models: Schemas["VersionList"] }) {
  const { t } = useTranslation(["dashboard", "words"]);
  const familyName = useFamilyName();
  const active = models.versions.find((version) => version.active);
  const age = ageMs(active?.created_at);
  return (
    <Stack gap="xs">
      {models.hold && <StateWord tone="warning">{t("model.hold")}</StateWord>}
      <Facts
        facts={[
          [t("model.version"), models.active_version],
          [t("model.kind"), active ? t(`versionKind.${active.kind}`, { ns: "words" }) : NO_VALUE],
          [t("model.family"), familyName(active?.family)],
          [t("model.age"), age === null ? NO_VALUE : t("model.ageValue", { duration: formatDuration(age / 1000) })],
          [t("model.cutoff"), formatMoment(active?.data_cutoff)],
          [t("model.previous"), models.previous_version ?? NO_VALUE],
        ]}
      />
    </Stack>
  );
}
