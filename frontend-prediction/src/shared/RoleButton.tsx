import { Button, type ButtonProps, Tooltip, VisuallyHidden } from "@mantine/core";
import { type ComponentPropsWithoutRef, useId } from "react";
import { useTranslation } from "react-i18next";
import { covers, type Role, useRole } from "@/api/who";

interface Props extends ButtonProps, Omit<ComponentPropsWithoutRef<"button">, keyof ButtonProps> {
  /** The role that the server wants for what the button does. */
  needs: Role;
}

/** A button for what not every role may do: for the others it stays, does nothing, and says which role it needs. */
export function RoleButton({ needs, ...button }: Props) {
  const { t } = useTranslation("access");
  const reasonId = useId();
  const mine = useRole();
  if (mine === null || covers(mine, needs)) return <Button {...button} />;
  const reason = t("needs", { needed: t(`roles.${needs}`), mine: t(`roles.${mine}`) });
  return (
    <>
      <Tooltip label={reason} events={{ hover: true, focus: true, touch: true }}>
        <Button
          {...button}
          type="button"
          disabled={false} // else neither pointer nor keyboard would find the reason
          data-disabled
          aria-disabled="true"
          aria-describedby={reasonId}
          onClick={(event) => event.preventDefault()}
        />
      </Tooltip>
      <VisuallyHidden id={reasonId}>{reason}</VisuallyHidden>
    </>
  );
}
