import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { Facts } from "@/shared/Facts";
import { formatNumber, formatPercent } from "@/shared/format";
import { Panel } from "@/shared/Panel";
import { Loaded } from "@/shared/states/Loaded";
import { AGREEMENT_DAYS, agreementQuery } from "./queries";

/** How far planners agreed with what was proposed. */
export function Agreement() {
  const { t } = useTranslation("quality");
  const query = useQuery(agreementQuery);
  const empty = {
    when: (data: Schemas["Agreement"]) => data.decisions === 0,
    show: <Text c="dimmed">{t("agreement.empty")}</Text>,
  };
  return (
    <Panel title={t("agreement.title")} caption={t("agreement.caption", { days: formatNumber(AGREEMENT_DAYS) })}>
      <Loaded query={query} height={80} empty={empty}>
        {(data) => (
          <Facts
            facts={[
              [t("agreement.accepted"), formatPercent(data.accepted_share)],
              [t("agreement.match"), formatPercent(data.process_match)],
              [
                t("agreement.decisions"),
                t("agreement.counts", {
                  accepted: formatNumber(data.accepted),
                  edited: formatNumber(data.edited),
                  items: formatNumber(data.items),
                }),
              ],
            ]}
          />
        )}
      </Loaded>
    </Panel>
  );
}
