import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Icon } from "@/shared/icons";
import type { Wanted } from "./queries";

/** Saves the log as it is now, or with its rotated files. */
export function Download({ source }: { source: Wanted["source"] }) {
  const { t } = useTranslation("logs");
  const address = `/api/logs/download?source=${source}`;
  const icon = <Icon name="download" />;
  return (
    <>
      <Button component="a" href={address} download variant="default" leftSection={icon}>
        {t("download")}
      </Button>
      <Button component="a" href={`${address}&rotated=true`} download variant="default" leftSection={icon}>
        {t("downloadAll")}
      </Button>
    </>
  );
}
