import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Role } from "@/api/who";
import { CopyText } from "@/shared/CopyText";
import { ErrorState } from "@/shared/states/ErrorState";
import { addKey, useAccessChange } from "./queries";
import { RoleSelect } from "./RoleSelect";

/** A new key, whose text is shown until the dialog is closed, and never again. */
export function AddKey({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation(["users", "shared"]);
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const add = useAccessChange(addKey);
  return (
    <Modal
      opened
      onClose={onClose}
      closeOnEscape={!add.data} // the key would be lost
      closeOnClickOutside={!add.data}
      title={t("keys.add")}
      closeButtonProps={{ "aria-label": t("confirm.close", { ns: "shared" }) }}
    >
      {add.data ? (
        <Stack gap="sm">
          <Text>{t("keys.once")}</Text>
          <CopyText text={add.data.text} label={t("keys.copy")} />
        </Stack>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (name.trim()) add.mutate({ name: name.trim(), role });
          }}
        >
          <Stack gap="sm">
            <TextInput
              label={t("name")}
              description={t("keys.nameHelp")}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              maxLength={60}
              autoComplete="off"
              data-autofocus
            />
            <RoleSelect label={t("role")} value={role} onChange={setRole} />
            {add.error && <ErrorState error={add.error} />}
            <Group justify="flex-end">
              <Button type="submit" disabled={!name.trim()} loading={add.isPending}>
                {t("keys.add")}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}
