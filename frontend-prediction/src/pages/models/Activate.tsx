import { useState } from "react";
import { useTranslation } from "react-i18next";
import { RoleButton } from "@/shared/RoleButton";
import { ChangeDialog } from "./ChangeDialog";
import { useActivate } from "./change";

/** Makes a version the champion. */
export function Activate({ version, now }: { version: string; now: string | null }) {
  const { t } = useTranslation("models");
  const [asking, setAsking] = useState(false);
  const change = useActivate(version, () => setAsking(false));
  return (
    <>
      <RoleButton
        needs="operator"
        onClick={() => {
          change.reset();
          setAsking(true);
        }}
      >
        {t("activate.action")}
      </RoleButton>
      {asking && (
        <ChangeDialog
          title={t("activate.title")}
          target={version}
          now={now}
          action={t("activate.action")}
          change={change}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}
