import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { PageHeader } from "@/shared/PageHeader";
import { EmptyState } from "@/shared/states/EmptyState";

export function NotFound() {
  const { t } = useTranslation();
  return (
    <>
      <PageHeader title={t("notFound.title")} />
      <EmptyState why={globalThis.location.pathname} remedy={t("notFound.remedy")}>
        <Button component={Link} to="/" variant="default">
          {t("notFound.home")}
        </Button>
      </EmptyState>
    </>
  );
}
