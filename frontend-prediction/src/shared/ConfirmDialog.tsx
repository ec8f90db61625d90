import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";

interface Props {
  title: string;
  /** What will happen, and what cannot be undone. */
  children: ReactNode;
  /** What must be typed before the button works, such as a version's name. */
  typed: string;
  action: string;
  /** Whether what else is asked for in `children` is complete. */
  ready?: boolean;
  busy?: boolean;
  onConfirm: () => void;
  onClose: () => void;
}

/** Asks before something far-reaching, and lets it happen only once its name has been typed. Render it while it is open. */
export function ConfirmDialog({
  title,
  children,
  typed,
  action,
  ready = true,
  busy = false,
  onConfirm,
  onClose,
}: Props) {
  const { t } = useTranslation("shared");
  const [text, setText] = useState("");
  const matches = text.trim() === typed && ready;
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ "aria-label": t("confirm.close") }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (matches && !busy) onConfirm();
        }}
      >
        <Stack>
          {children}
          <Text>
            {t("confirm.type")}: <code>{typed}</code>
          </Text>
          <TextInput
            aria-label={t("confirm.type")}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            autoComplete="off"
            data-autofocus
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t("confirm.cancel")}
            </Button>
            <Button type="submit" disabled={!matches} loading={busy}>
              {action}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
