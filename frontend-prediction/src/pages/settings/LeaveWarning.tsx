import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useBlocker } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

/** Warns before unsaved edits are left behind; closing the tab is what would lose them. */
export function LeaveWarning({ isDirty }: { isDirty: boolean }) {
  const { t } = useTranslation(["settings", "shared"]);
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => isDirty && current.pathname !== next.pathname,
    enableBeforeUnload: isDirty,
    withResolver: true,
  });
  if (blocker.status !== "blocked") return null;
  return (
    <Modal
      opened
      onClose={blocker.reset}
      title={t("leave.title")}
      closeButtonProps={{ "aria-label": t("confirm.close", { ns: "shared" }) }}
    >
      <Stack>
        <Text>{t("leave.explain")}</Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={blocker.reset} data-autofocus>
            {t("confirm.keep", { ns: "shared" })}
          </Button>
          <Button onClick={blocker.proceed}>{t("leave.leave")}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
