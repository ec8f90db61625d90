import { Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { healthQuery } from "@/api/queries";
import { HealthReason } from "@/shared/HealthReason";
import { Panel } from "@/shared/Panel";
import { StateWord } from "@/shared/StateWord";
import { Loaded } from "@/shared/states/Loaded";

/** Whether everything works, and the commands that mend what does not. */
export function ServerHealth() {
  const { t } = useTranslation("dashboard");
  const query = useQuery(healthQuery);
  return (
    <Panel title={t("health.title")}>
      <Loaded query={query} height={72}>
        {({ reasons }) =>
          reasons.length === 0 ? (
            <StateWord tone="good">{t("health.fine")}</StateWord>
          ) : (
            <Stack gap="sm">
              {reasons.map((reason) => (
                <HealthReason key={`${reason.part} ${reason.problem}`} reason={reason} />
              ))}
            </Stack>
          )
        }
      </Loaded>
    </Panel>
  );
}
