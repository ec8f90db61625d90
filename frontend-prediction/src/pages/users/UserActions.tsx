import { Button, Group } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { User } from "./queries";

interface Props {
  user: User;
  onSwitch: () => void;
  onPassword: () => void;
  onRemove: () => void;
}

/** What an admin does with a user. */
export function UserActions({ user, onSwitch, onPassword, onRemove }: Props) {
  const { t } = useTranslation("users");
  const { name, disabled } = user;
  const actions = [
    disabled
      ? { word: t("users.enable"), label: t("users.enableLabel", { name }), act: onSwitch }
      : { word: t("users.disable"), label: t("users.disableLabel", { name }), act: onSwitch },
    { word: t("users.password"), label: t("users.passwordLabel", { name }), act: onPassword },
    { word: t("users.remove"), label: t("users.removeLabel", { name }), act: onRemove },
  ];
  return (
    <Group gap="xs" wrap="nowrap">
      {actions.map(({ word, label, act }) => (
        <Button key={word} size="compact-xs" variant="default" aria-label={label} onClick={act}>
          {word}
        </Button>
      ))}
    </Group>
  );
}
