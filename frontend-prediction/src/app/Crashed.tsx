import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { PageHeader } from "@/shared/PageHeader";
import { EmptyState } from "@/shared/states/EmptyState";

/** A page whose code did not load or failed while it drew; the rest of the frame stays. */
export function Crashed({ error }: { error: unknown }) {
  const { t } = useTranslation();
  return (
    <>
      <PageHeader title={t("crashed.title")} />
      <EmptyState why={error instanceof Error ? error.message : String(error)} remedy={t("crashed.remedy")}>
        <Button variant="default" onClick={() => globalThis.location.reload()}>
          {t("crashed.reload")}
        </Button>
      </EmptyState>
    </>
  );
}
