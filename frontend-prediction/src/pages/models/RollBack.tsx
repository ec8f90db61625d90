import { useState } from "react";
import { useTranslation } from "react-i18next";
import { RoleButton } from "@/shared/RoleButton";
import { ChangeDialog } from "./ChangeDialog";
import { useRollBack } from "./change";
import type { Models } from "./queries";

/** Serves the version before the active one again. */
export function RollBack({ models, to }: { models: Models; to: string }) {
  const { t } = useTranslation("models");
  const [asking, setAsking] = useState(false);
  const change = useRollBack(() => setAsking(false));
  return (
    <>
      <RoleButton
        needs="operator"
        variant="default"
        onClick={() => {
          change.reset();
          setAsking(true);
        }}
      >
        {t("rollBack.action")}
      </RoleButton>
      {asking && (
        <ChangeDialog
          title={t("rollBack.title")}
          target={to}
          now={models.active_version}
          action={t("rollBack.action")}
          change={change}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}
