import { Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "@/api/client";
import { AskDialog } from "@/shared/AskDialog";
import { Facts } from "@/shared/Facts";
import { formatMoment } from "@/shared/format";
import { Panel } from "@/shared/Panel";
import { RoleButton } from "@/shared/RoleButton";
import { StateWord } from "@/shared/StateWord";

/** Why automatic trainings promote nothing at present, and how to let them again. */
export function HoldNotice({ hold }: { hold: Schemas["Hold"] }) {
  const { t } = useTranslation("models");
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  const releasing = useMutation({
    mutationFn: () => answer(api.DELETE("/api/models/hold")),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["models"] }),
  });
  return (
    <Panel
      title={t("hold.title")}
      actions={
        <RoleButton needs="operator" onClick={() => setAsking(true)}>
          {t("hold.release")}
        </RoleButton>
      }
    >
      <Stack gap="sm">
        <StateWord tone="warning">{t("hold.state")}</StateWord>
        <Facts
          facts={[
            [t("hold.since"), formatMoment(hold.held_at)],
            [t("hold.version"), hold.version],
            [
              t("hold.reason"),
              <span key="reason" lang="en">
                {hold.reason}
              </span>,
            ],
          ]}
        />
      </Stack>
      {asking && (
        <AskDialog
          title={t("hold.ask")}
          action={t("hold.release")}
          busy={releasing.isPending}
          error={releasing.error}
          onConfirm={() => releasing.mutate()}
          onClose={() => setAsking(false)}
        >
          <Text>{t("hold.effect")}</Text>
        </AskDialog>
      )}
    </Panel>
  );
}
