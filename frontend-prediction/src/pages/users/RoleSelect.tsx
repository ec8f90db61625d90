import { NativeSelect, type NativeSelectProps } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { ROLES, type Role } from "@/api/who";

interface Props extends Omit<NativeSelectProps, "value" | "onChange" | "data"> {
  value: Role;
  onChange: (role: Role) => void;
}

export function RoleSelect({ value, onChange, ...rest }: Props) {
  const { t } = useTranslation("access");
  return (
    <NativeSelect
      {...rest}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value as Role)}
      data={ROLES.map((role) => ({ value: role, label: t(`roles.${role}`) }))}
    />
  );
}
