import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ErrorState } from "@/shared/states/ErrorState";
import { isLongEnough, PasswordInput } from "./PasswordInput";
import { changeUser, useAccessChange } from "./queries";

/** Another user's new password, for who has forgotten theirs. Render it while it is open. */
export function NewPassword({ name, onClose }: { name: string; onClose: () => void }) {
  const { t } = useTranslation(["users", "shared"]);
  const [password, setPassword] = useState("");
  const change = useAccessChange(changeUser, () => {
    notifications.show({ message: t("users.passwordSet", { name }) });
    onClose();
  });
  return (
    <Modal
      opened
      onClose={onClose}
      title={t("users.passwordLabel", { name })}
      closeButtonProps={{ "aria-label": t("confirm.close", { ns: "shared" }) }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (isLongEnough(password)) change.mutate({ name, body: { password } });
        }}
      >
        <Stack gap="sm">
          <Text>{t("users.passwordEffect")}</Text>
          <PasswordInput value={password} onChange={setPassword} autoFocus />
          {change.error && <ErrorState error={change.error} />}
          <Group justify="flex-end">
            <Button type="submit" disabled={!isLongEnough(password)} loading={change.isPending}>
              {t("users.password")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
