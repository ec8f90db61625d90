import { ActionIcon } from "@mantine/core";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { Icon } from "@/shared/icons";
import { showDialog, useDialog } from "./dialogs";

const KeysDialog = lazy(() => import("./KeysDialog"));

/** Opens the list of shortcuts. */
export function KeysButton() {
  const { t } = useTranslation();
  const open = useDialog() === "keys";
  return (
    <>
      <ActionIcon
        visibleFrom="xs"
        variant="default"
        aria-label={t("keys.open")}
        title={t("keys.open")}
        onClick={() => showDialog("keys")}
      >
        <Icon name="keyboard" />
      </ActionIcon>
      <Suspense>{open && <KeysDialog onClose={() => showDialog(null)} />}</Suspense>
    </>
  );
}
