import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { healthQuery } from "@/api/queries";

/** The version that answers predictions now. */
export function ModelBadge() {
  const { t } = useTranslation();
  const { data } = useQuery(healthQuery);
  if (!data) return null;
  const version = data.model_version;
  return (
    <Text c="dimmed" fz="xs" visibleFrom="lg" title={version ? t("model.label", { version }) : t("model.none")}>
      {version ?? t("model.none")}
    </Text>
  );
}
