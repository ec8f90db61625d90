import { Text, TextInput } from "@mantine/core";
import type { UseMutationResult } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { ConfirmDialog } from "@/shared/ConfirmDialog";
import { Facts } from "@/shared/Facts";
import { NO_VALUE } from "@/shared/format";
import { ErrorState } from "@/shared/states/ErrorState";

const LONGEST_REASON = 500; // characters; the API's limit

interface Props {
  title: string;
  /** The version that will serve; its name must be typed. */
  target: string;
  now: string | null;
  action: string;
  change: UseMutationResult<Schemas["VersionChanged"], unknown, string>;
  onClose: () => void;
}

/** Asks for a reason and the version's name before another version serves. */
export function ChangeDialog({ title, target, now, action, change, onClose }: Props) {
  const { t } = useTranslation("models");
  const [reason, setReason] = useState("");
  return (
    <ConfirmDialog
      title={title}
      typed={target}
      action={action}
      ready={reason.trim() !== ""}
      busy={change.isPending}
      onConfirm={() => change.mutate(reason.trim())}
      onClose={onClose}
    >
      <Text>{t("change.effect")}</Text>
      <Facts
        facts={[
          [t("change.now"), now ?? NO_VALUE],
          [t("change.next"), target],
        ]}
      />
      <TextInput
        label={t("change.reason")}
        description={t("change.reasonHelp")}
        value={reason}
        maxLength={LONGEST_REASON}
        onChange={({ currentTarget }) => setReason(currentTarget.value)}
        required
        data-autofocus
      />
      {change.error ? <ErrorState error={change.error} /> : null}
    </ConfirmDialog>
  );
}
