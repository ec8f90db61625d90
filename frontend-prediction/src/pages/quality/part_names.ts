import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import type { Korean } from "@/i18n/ko";

type Dimensions = Korean["quality"]["dimension"];

/** Name a kind of segment; one that a later backend adds keeps its own name. */
export function useDimensionName() {
  const { t, i18n } = useTranslation("quality");
  return useCallback(
    (dimension: string) =>
      i18n.exists(`dimension.${dimension}`, { ns: "quality" })
        ? t(`dimension.${dimension as keyof Dimensions}`)
        : dimension,
    [t, i18n],
  );
}

/** Name a part of the plant: "work centre CNC-04", "new items", "the whole plant". */
export function usePartName() {
  const { t } = useTranslation("quality");
  const dimensionName = useDimensionName();
  const valueName = useValueName();
  return (dimension: string, value: string) => {
    if (!value) return t("wholePlant");
    return dimension === "history" ? valueName(dimension, value) : `${dimensionName(dimension)} ${value}`;
  };
}

/** Name a segment's value: codes are their own names, known and new items have words. */
export function useValueName() {
  const { t, i18n } = useTranslation("quality");
  return useCallback(
    (dimension: string, value: string) =>
      dimension === "history" && i18n.exists(`history.${value}`, { ns: "quality" })
        ? t(`history.${value as keyof Korean["quality"]["history"]}`)
        : value,
    [t, i18n],
  );
}
