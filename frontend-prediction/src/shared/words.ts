import { useTranslation } from "react-i18next";
import type { Korean } from "@/i18n/ko";
import { NO_VALUE } from "./format";

type Words = Korean["words"];

/** Write a model family in the user's language; one that a later backend adds keeps its own name. */
export function useFamilyName() {
  const { t, i18n } = useTranslation("words");
  return (family: string | undefined) => {
    if (family === undefined) return NO_VALUE;
    const known = i18n.exists(`family.${family}`, { ns: "words" });
    return known ? t(`family.${family as keyof Words["family"]}`) : family;
  };
}

/** Write a part of the server, as /health names it. */
export function usePartName() {
  const { t, i18n } = useTranslation("words");
  return (part: string) => {
    const known = i18n.exists(`healthPart.${part}`, { ns: "words" });
    return known ? t(`healthPart.${part as keyof Words["healthPart"]}`) : part;
  };
}

/** Write one of the three tables that are read from a plant. */
export function useTableName() {
  const { t, i18n } = useTranslation("words");
  return (table: string) => {
    const known = i18n.exists(`plantTable.${table}`, { ns: "words" });
    return known ? t(`plantTable.${table as keyof Words["plantTable"]}`) : table;
  };
}
