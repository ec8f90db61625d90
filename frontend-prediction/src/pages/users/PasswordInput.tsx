import { TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";

const MIN_LENGTH = 12;

interface Props {
  value: string;
  onChange: (value: string) => void;
  autoFocus?: boolean;
}

/** Where an admin types a password for somebody else. */
export function PasswordInput({ value, onChange, autoFocus = false }: Props) {
  const { t } = useTranslation("access");
  return (
    <TextInput
      type="password"
      label={t("login.password")}
      description={t("password.rule", { length: MIN_LENGTH })}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      maxLength={200}
      autoComplete="new-password"
      data-autofocus={autoFocus || undefined}
    />
  );
}

/** Whether the server will find a password long enough; what else it wants it says itself. */
export const isLongEnough = (password: string) => password.length >= MIN_LENGTH;
