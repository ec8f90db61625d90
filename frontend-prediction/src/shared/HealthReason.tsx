import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { CopyText } from "./CopyText";
import { StateWord } from "./StateWord";
import { usePartName } from "./words";

/** Something that keeps the server from doing all of its work, and the command that mends it. */
export function HealthReason({ reason }: { reason: Schemas["Reason"] }) {
  const { t } = useTranslation("shared");
  const partName = usePartName();
  return (
    <div>
      <StateWord tone="warning">{partName(reason.part)}</StateWord>
      <Text lang="en">{reason.problem}</Text>
      <CopyText text={reason.command} label={t("copy")} prefix={t("command")} />
    </div>
  );
}
