import { Button, Stack, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api } from "@/api/client";
import { ErrorState } from "@/shared/states/ErrorState";

const MIN_LENGTH = 12;

/** One's own new password. */
export function PasswordForm({ onChanged }: { onChanged: () => void }) {
  const { t } = useTranslation("access");
  const [present, setPresent] = useState("");
  const [wanted, setWanted] = useState("");
  const [again, setAgain] = useState("");
  const change = useMutation({
    mutationFn: () => answer(api.PUT("/api/auth/password", { body: { password: present, new_password: wanted } })),
    onSuccess: onChanged,
  });
  const differs = again !== "" && again !== wanted;
  const ready = present !== "" && wanted.length >= MIN_LENGTH && again === wanted;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) change.mutate();
      }}
    >
      <Stack gap="sm">
        <TextInput
          type="password"
          label={t("password.present")}
          value={present}
          onChange={(event) => setPresent(event.currentTarget.value)}
          autoComplete="current-password"
          data-autofocus
        />
        <TextInput
          type="password"
          label={t("password.new")}
          description={t("password.rule", { length: MIN_LENGTH })}
          value={wanted}
          onChange={(event) => setWanted(event.currentTarget.value)}
          autoComplete="new-password"
        />
        <TextInput
          type="password"
          label={t("password.again")}
          value={again}
          onChange={(event) => setAgain(event.currentTarget.value)}
          error={differs && t("password.differs")}
          autoComplete="new-password"
        />
        {change.error && <ErrorState error={change.error} />}
        <Button type="submit" disabled={!ready} loading={change.isPending}>
          {t("password.action")}
        </Button>
      </Stack>
    </form>
  );
}
