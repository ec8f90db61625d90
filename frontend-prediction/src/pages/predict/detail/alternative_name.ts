import { useTranslation } from "react-i18next";
import type { Alternative } from "./alternatives";

/** What a routing to compare with is called. */
export function useAlternativeName() {
  const { t } = useTranslation("predict");
  return (one: Alternative): string => {
    if (one.kind === "candidate") return t("compare.candidate", { number: one.number });
    if (one.kind === "copied") return t("compare.copied", { item: one.item });
    if (one.item !== null) return t("compare.erpOf", { item: one.item, routing: one.routingCode });
    return t("compare.erp", { routing: one.routingCode });
  };
}
