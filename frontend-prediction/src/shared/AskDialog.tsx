import { Button, Group, Modal, Stack } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { ErrorState } from "./states/ErrorState";

interface Props {
  title: string;
  /** What will happen. */
  children: ReactNode;
  action: string;
  busy: boolean;
  /** Why the action did not succeed. */
  error: unknown;
  onConfirm: () => void;
  onClose: () => void;
}

/** Asks before something that cannot be undone but harms little; ConfirmDialog is for the rest. Render it while it is open. */
export function AskDialog({ title, children, action, busy, error, onConfirm, onClose }: Props) {
  const { t } = useTranslation("shared");
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ "aria-label": t("confirm.close") }}>
      <Stack>
        {children}
        {error ? <ErrorState error={error} /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            {t("confirm.keep")}
          </Button>
          <Button onClick={onConfirm} loading={busy}>
            {action}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
