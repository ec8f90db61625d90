import { useTranslation } from "react-i18next";
import type { Korean } from "@/i18n/ko";
import { formatNumber } from "@/shared/format";
import type { Field, KeySchema, Value } from "./fields";

type Settings = Korean["settings"];
const DIGITS = 12; // as many as a person writes

/** Settings, their values and ranges in the user's language; what a later backend adds keeps the server's own words. */
export function useSettingWords() {
  const { t, i18n } = useTranslation("settings");
  const known = (key: string) => i18n.exists(key, { ns: "settings" });
  const texts = (field: Pick<Field, "section" | "key">) => {
    const key = `keys.${field.section}.${field.key}`;
    // the one key stands for all: their names come from the server
    return known(`${key}.label`) ? (key as "keys.queue.max_size") : null;
  };
  const unit = (schema: KeySchema) => (schema.unit ? t(`units.${schema.unit}`) : "");

  function label(field: Pick<Field, "section" | "key">): string {
    const key = texts(field);
    return key ? t(`${key}.label`) : `${field.section}.${field.key}`;
  }

  function help(field: Field): { text: string; lang?: "en" } {
    const key = texts(field);
    return key ? { text: t(`${key}.help`) } : { text: field.schema.description, lang: "en" };
  }

  function section(name: string): string {
    return known(`sections.${name}`) ? t(`sections.${name as keyof Settings["sections"]}`) : name;
  }

  function choice(name: string): string {
    return known(`choices.${name}`) ? t(`choices.${name as keyof Settings["choices"]}`) : name;
  }

  function value(schema: KeySchema, given: Value): string {
    if (Array.isArray(given)) return given.map(choice).join(", ") || t("noneChosen");
    if (typeof given === "boolean") return t(given ? "on" : "off");
    if (typeof given === "number") {
      const isPlain = schema.unit === "share" || schema.unit === "ratio"; // "0.8 share" is how nobody speaks
      return [formatNumber(given, DIGITS), !isPlain && unit(schema)].filter(Boolean).join(" ");
    }
    if (schema.unit === "cron") return given || t("never");
    return choice(given);
  }

  function range(schema: KeySchema): string {
    if (schema.unit === "cron") return t("range.cron");
    const limits = [
      ["exclusiveMin", schema.exclusiveMinimum],
      ["min", schema.minimum],
      ["max", schema.maximum],
      ["exclusiveMax", schema.exclusiveMaximum],
    ] as const;
    return limits
      .flatMap(([name, limit]) =>
        typeof limit === "number" ? [t(`range.${name}`, { value: formatNumber(limit, DIGITS) })] : [],
      )
      .join(", ");
  }

  function fixedReason(field: Field): { text: string; lang?: "en" } {
    const key = `fixed.${field.path}`;
    if (known(key)) return { text: t(key as "fixed.logging.file") };
    return { text: field.schema.fixed_reason ?? "", lang: "en" };
  }

  return { label, help, section, choice, value, range, unit, fixedReason };
}
