import { TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";

const LONGEST = 500; // characters; the API's limit

export function ReasonInput({ value, onChange }: { value: string; onChange: (reason: string) => void }) {
  const { t } = useTranslation("settings");
  return (
    <TextInput
      label={t("review.reason")}
      description={t("review.reasonHelp")}
      value={value}
      maxLength={LONGEST}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
      data-autofocus
    />
  );
}
