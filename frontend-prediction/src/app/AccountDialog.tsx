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
import { forgetAll, isAnyKept } from "@/shared/session";
import { ErrorState } from "@/shared/states/ErrorState";
import { loginAddress } from "./login_address";
import { PasswordForm } from "./PasswordForm";

/** Under which names pages keep what takes work to make again. */
const EDITS = ["predict-edits", "predict-new-item", "settings-draft"];

/** Who one is; changing one's password, logging out, or logging in where the machine itself is trusted. */
export default function AccountDialog({ me, onClose }: { me: Me; onClose: () => void }) {
  const { t } = useTranslation(["access", "shared"]);
  const [changing, setChanging] = useState(false);
  const [isWarned, setWarned] = useState(false);
  const router = useRouter();
  const queries = useQueryClient();
  const leave = useMutation({
    mutationFn: () => answer(api.POST("/api/auth/logout")),
    onSuccess: () => {
      onClose();
      rememberToken(undefined);
      forgetAll();
      router.history.push("/login", {}, { ignoreBlocker: true }); // the warning has been given
      queries.clear();
    },
  });
  const logOut = () => (isWarned || !isAnyKept(EDITS) ? leave.mutate() : setWarned(true));
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
        {isWarned && <Text role="alert">{t("losesEdits")}</Text>}
        <Group justify="flex-end">
          {isWarned && (
            <Button variant="default" onClick={onClose} data-autofocus>
              {t("confirm.keep", { ns: "shared" })}
            </Button>
          )}
          {me.how === "session" && !changing && !isWarned && (
            <Button variant="default" onClick={() => setChanging(true)}>
              {t("password.open")}
            </Button>
          )}
          {me.how === "session" && (
            <Button onClick={logOut} loading={leave.isPending}>
              {t(isWarned ? "logOutAnyway" : "logOut")}
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
