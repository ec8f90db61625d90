import { Kbd, UnstyledButton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Icon } from "@/shared/icons";
import { showDialog } from "./dialogs";
import classes from "./frame.module.css";

export function PaletteButton() {
  const { t } = useTranslation();
  return (
    <UnstyledButton className={classes.find} onClick={() => showDialog("palette")} aria-label={t("keys.palette")}>
      <Icon name="search" size={16} />
      <span>{t("search")}</span>
      <Kbd size="xs">Ctrl K</Kbd>
    </UnstyledButton>
  );
}
