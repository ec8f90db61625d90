import { Group, Text, Title } from "@mantine/core";
import { type ReactNode, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { formatMoment } from "./format";
import classes from "./shared.module.css";

/** Where the figures of a page come from. */
export interface Provenance {
  computedAt?: string | null;
  modelVersion?: string | null;
  dataCutoff?: string | null;
}

/** A page's title, the line that says how old its figures are and what they rest on, and its actions. */
export function PageHeader({
  title,
  provenance,
  children,
}: {
  title: string;
  provenance?: Provenance | null;
  children?: ReactNode;
}) {
  const { t } = useTranslation(["shared", "frame"]);
  useEffect(() => {
    document.title = `${title} · ${t("product", { ns: "frame" })}`;
  }, [title, t]);
  const facts = [
    provenance?.computedAt && `${t("computedAt")} ${formatMoment(provenance.computedAt)}`,
    provenance?.modelVersion && `${t("modelVersion")} ${provenance.modelVersion}`,
    provenance?.dataCutoff && `${t("dataCutoff")} ${formatMoment(provenance.dataCutoff)}`,
  ].filter((fact) => typeof fact === "string");
  return (
    <Group justify="space-between" align="flex-start" gap="sm" className={classes.pageHeader}>
      <div className={classes.pageTitle}>
        <Title order={1} tabIndex={-1}>
          {title}
        </Title>
        {facts.length > 0 && (
          <Text c="dimmed" fz="sm">
            {facts.join(" · ")}
          </Text>
        )}
      </div>
      {children && <Group gap="xs">{children}</Group>}
    </Group>
  );
}
