import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { meQuery, type Role } from "@/api/who";
import { ErrorState } from "@/shared/states/ErrorState";
import { isLongEnough, PasswordInput } from "./PasswordInput";
import { addUser, useAccessChange } from "./queries";
import { RoleSelect } from "./RoleSelect";

/** A new user; the first one had better be an admin. */
export function AddUser({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation(["users", "shared"]);
  const isFirst = useQuery(meQuery).data?.credentials_exist === false;
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [role, setRole] = useState<Role>(isFirst ? "admin" : "viewer");
  const add = useAccessChange(addUser, onClose);
  const ready = name.trim() !== "" && isLongEnough(password);
  return (
    <Modal
      opened
      onClose={onClose}
      title={t("users.add")}
      closeButtonProps={{ "aria-label": t("confirm.close", { ns: "shared" }) }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) add.mutate({ name: name.trim(), password, role });
        }}
      >
        <Stack gap="sm">
          <TextInput
            label={t("name")}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            maxLength={60}
            autoComplete="off"
            data-autofocus
          />
          <PasswordInput value={password} onChange={setPassword} />
          <RoleSelect label={t("role")} value={role} onChange={setRole} description={isFirst && t("users.first")} />
          {add.error && <ErrorState error={add.error} />}
          <Group justify="flex-end">
            <Button type="submit" disabled={!ready} loading={add.isPending}>
              {t("users.add")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
