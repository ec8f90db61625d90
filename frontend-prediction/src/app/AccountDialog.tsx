import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api } from "@/api/client";
import { rememberToken } from "@/api/csrf";
import type { Me } from "@/api/who";
import { Facts } from "@/shared/Facts";
import { ErrorState } from "@/shared/states/ErrorState";
import { loginAddress } from "./login_address";
import { PasswordForm } from "./PasswordForm";

/** Who one is; changing one's password, logging out, or logging in where the machine itself is trusted. */
export default function AccountDialog({ me, onClose }: { me: Me; onClose: () => void }) {
  const { t } = useTranslation(["access", "shared"]);
  const [changing, setChanging] = useState(false);
  const router = useRouter();
  const queries = useQueryClient();
  const leave = useMutation({
    mutationFn: () => answer(api.POST("/api/auth/logout")),
    onSuccess: () => {
      onClose();
      rememberToken(undefined);
      router.history.push("/login");
      queries.clear();
    },
  });
  const changed = () => {
    notifications.show({ message: t("password.changed") });
    onClose();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={t("account.title")}
      closeButtonProps={{ "aria-label": t("confirm.close", { ns: "shared" }) }}
    >
      <Stack>
        <Facts
          facts={[
            [t("account.name"), me.how === "local" ? t("local") : me.name],
            [t("account.role"), t(`roles.${me.role}`)],
          ]}
        />
        <Text c="dimmed" fz="sm">
          {t(me.credentials_exist ? `how.${me.how}` : "how.nobodyYet")}
        </Text>
        {leave.error && <ErrorState error={leave.error} />}
        {changing && <PasswordForm onChanged={changed} />}
        <Group justify="flex-end">
          {me.how === "session" && !changing && (
            <Button variant="default" onClick={() => setChanging(true)}>
              {t("password.open")}
            </Button>
          )}
          {me.how === "session" && (
            <Button onClick={() => leave.mutate()} loading={leave.isPending}>
              {t("logOut")}
            </Button>
          )}
          {me.how === "local" && me.credentials_exist && (
            <Button
              onClick={() => {
                onClose();
                router.history.push(loginAddress(router.state.location.href));
              }}
            >
              {t("login.action")}
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}
