import { Button, Group } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { navigation } from "@/app/site_map";
import { Icon } from "@/shared/icons";
import { Panel } from "@/shared/Panel";

/** Links to what people come for. */
export function QuickActions() {
  const { t } = useTranslation(["dashboard", "frame"]);
  return (
    <Panel title={t("actions.title")}>
      <Group gap="xs">
        {navigation
          .filter((page) => page.path !== "/")
          .map((page) => (
            <Button
              key={page.path}
              component={Link}
              to={page.path}
              variant="default"
              leftSection={page.icon && <Icon name={page.icon} />}
            >
              {t(`pages.${page.label}`, { ns: "frame" })}
            </Button>
          ))}
        <Button component="a" href="/docs" variant="default" leftSection={<Icon name="link" />}>
          {t("actions.documentation")}
        </Button>
      </Group>
    </Panel>
  );
}
