import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { type Shortcut, useShortcuts } from "@/shared/keys";
import { showDialog } from "./dialogs";
import { navigation } from "./site_map";

/** The keys that work on every page. */
export function FrameKeys() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const shortcuts = useMemo<Shortcut[]>(
    () => [
      { code: "KeyK", ctrl: true, label: t("keys.palette"), run: () => showDialog("palette") },
      { code: "Slash", shift: true, label: t("keys.open"), run: () => showDialog("keys") },
      ...navigation.flatMap((page) => {
        if (!page.goKey) return [];
        const label = t("keys.goTo", { page: t(`pages.${page.label}`) });
        return [{ code: page.goKey, after: "KeyG", label, run: () => void navigate({ to: page.path }) }];
      }),
    ],
    [t, navigate],
  );
  useShortcuts(shortcuts);
  return null;
}
