import { Skeleton } from "@mantine/core";
import { useTranslation } from "react-i18next";

/** A grey area of the size of what will stand here. */
export function Loading({ height }: { height: number }) {
  const { t } = useTranslation("shared");
  return (
    <div role="status" aria-label={t("loading")}>
      <Skeleton height={height} radius="sm" />
    </div>
  );
}
