import { useQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { currentLanguage } from "@/i18n";
import { formatMinutes, formatNumber, formatPercent } from "@/shared/format";
import type { Mark } from "./attention";
import { attributesQuery } from "./queries";

/** What an attention mark is called in a row, and the whole reason with its figures. */
export function useMarkWords() {
  const { t } = useTranslation("predict");
  return useMemo(() => {
    const full = (mark: Mark): string => {
      if (mark.kind === "lowProbability") {
        return t("mark.full.lowProbability", { probability: formatPercent(mark.probability, 0) });
      }
      if (mark.kind === "wideRange") {
        const [low, high] = [formatNumber(mark.low, 1), formatMinutes(mark.high)];
        const [code, number] = [mark.operationCode, formatNumber(mark.operations)];
        return t("mark.full.wideRange", { count: mark.operations, number, code, low, high });
      }
      if (mark.kind === "standardMinutes") {
        const { proposed, standard } = mark;
        const percent = formatPercent(Math.abs(proposed / standard - 1), 0);
        const figures = { percent, proposed: formatMinutes(proposed), standard: formatMinutes(standard) };
        return t(proposed > standard ? "mark.full.standardLonger" : "mark.full.standardShorter", figures);
      }
      if (mark.kind === "standardSequence") {
        return t("mark.full.standardSequence", { count: mark.operations, number: formatNumber(mark.operations) });
      }
      return t(`mark.full.${mark.kind}`);
    };
    return { short: (mark: Mark) => t(`mark.short.${mark.kind}`), full };
  }, [t]);
}

/** What the backend calls the item code, and the family that it tells, among attributes. */
const ITEM_CODE = "item_code";

/** Attributes as people call them; those that the plant profile has no label for keep the ERP's name. */
export function useAttributeName() {
  const { t, i18n } = useTranslation("predict");
  const { data } = useQuery(attributesQuery);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the labels are those of the language in use
  const labels = useMemo(
    () => new Map(data?.attributes.map((one) => [one.name, one.label?.[currentLanguage()]])),
    [data, i18n.language],
  );
  return useCallback(
    (name: string) => (name === ITEM_CODE ? t("evidence.codeFamily") : (labels.get(name) ?? name)),
    [labels, t],
  );
}
