import { AppShell, Burger, Group, Text, UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "@/api/problem";
import { meQuery } from "@/api/who";
import { ErrorState } from "@/shared/states/ErrorState";
import { Loading } from "@/shared/states/Loading";
import { AccountButton } from "./AccountButton";
import { FrameKeys } from "./FrameKeys";
import classes from "./frame.module.css";
import { HealthDot } from "./HealthDot";
import { KeysButton } from "./KeysButton";
import { LanguageSwitch } from "./LanguageSwitch";
import { ModelBadge } from "./ModelBadge";
import { Navigation } from "./Navigation";
import { Palette } from "./Palette";
import { PaletteButton } from "./PaletteButton";
import { useServerLife } from "./server_life";
import { ThemeSwitch } from "./ThemeSwitch";

/** What stands around every page. */
export function Frame() {
  const { t } = useTranslation();
  const [menuOpen, setMenuOpen] = useState(false);
  const path = useRouterState({ select: (state) => state.location.pathname });
  const zone = useServerLife();
  const me = useQuery(meQuery);
  // nobody has credentials yet and this is another machine: no page could show anything
  const refused = me.error instanceof ApiError && me.error.kind === "protected-mode" ? me.error : null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the menu of a small screen closes when the page changes
  useEffect(() => setMenuOpen(false), [path]);
  return (
    <AppShell
      header={{ height: 48 }}
      navbar={{ width: 196, breakpoint: "md", collapsed: { mobile: !menuOpen } }}
      padding="md"
      classNames={{ header: classes.header, navbar: classes.navbar, main: classes.main }}
    >
      <a href="#content" className={classes.skip}>
        {t("skipToContent")}
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" gap="xs" wrap="nowrap">
          <Burger
            opened={menuOpen}
            onClick={() => setMenuOpen(!menuOpen)}
            hiddenFrom="md"
            size="sm"
            aria-label={menuOpen ? t("closeNavigation") : t("openNavigation")}
          />
          <UnstyledButton component={Link} to="/" className={classes.brand} aria-label={t("product")}>
            <img src="/icon.svg" alt="" width={22} height={22} />
            <Text fw={650} visibleFrom="xs" span>
              {t("product")}
            </Text>
          </UnstyledButton>
          <PaletteButton />
          <Group gap="xs" ml="auto" wrap="nowrap">
            <ModelBadge />
            <HealthDot />
            <LanguageSwitch />
            <ThemeSwitch />
            <KeysButton />
            <AccountButton />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar aria-label={t("navigation")}>
        <Navigation />
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1}>
        {refused && <ErrorState error={refused} retry={() => void me.refetch()} />}
        {!refused && (zone === null ? <Loading height={420} /> : <Outlet key={zone} />)}
      </AppShell.Main>
      <FrameKeys />
      <Palette />
    </AppShell>
  );
}
