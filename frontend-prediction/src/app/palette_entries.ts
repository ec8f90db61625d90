import { useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { changeLanguage, currentLanguage } from "@/i18n";
import type { IconName } from "@/shared/icons";
import { showDialog } from "./dialogs";
import { navigation } from "./site_map";

export interface Entry {
  id: string;
  icon: IconName;
  label: string;
  run: () => void;
}

/** Everything that the palette offers: the pages, then what can be done on each of them. */
export function usePaletteEntries(): Entry[] {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme("light") === "dark";
  const toPages = navigation.map((page) => ({
    id: page.path,
    icon: page.icon ?? "link",
    label: t(`pages.${page.label}`),
    run: () => void navigate({ to: page.path }),
  }));
  const otherLanguage = currentLanguage() === "ko" ? "en" : "ko";
  return [
    ...toPages,
    {
      id: "theme",
      icon: dark ? "sun" : "moon",
      label: t(dark ? "theme.toLight" : "theme.toDark"),
      run: () => setColorScheme(dark ? "light" : "dark"),
    },
    {
      id: "language",
      icon: "language",
      label: t("palette.otherLanguage"),
      run: () => void changeLanguage(otherLanguage),
    },
    { id: "keys", icon: "keyboard", label: t("keys.open"), run: () => showDialog("keys") },
  ];
}
