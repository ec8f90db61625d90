import type { KeySchema, Value } from "./fields";

/** Why a value cannot be saved: a key of `flaw` in i18n/ko/settings.ts. */
export type Flaw = "number" | "whole" | "range" | "cron" | "none";

const CRON_FIELD = "(?:[\\d*,/-]|[a-z]{3})+";
const CRON = new RegExp(`^${CRON_FIELD}(?: ${CRON_FIELD}){4}$`, "i");

/** What is wrong with a value before the server sees it, which checks again and knows more (a 31st of February). */
export function flawOf(schema: KeySchema, value: Value): Flaw | null {
  if (schema.unit === "cron") return value === "" || CRON.test(String(value)) ? null : "cron";
  if (schema.type === "array") return Array.isArray(value) && value.length > 0 ? null : "none";
  if (schema.type !== "number" && schema.type !== "integer") return null;
  if (typeof value !== "number" || !Number.isFinite(value)) return "number";
  if (schema.type === "integer" && !Number.isInteger(value)) return "whole";
  return isWithin(schema, value) ? null : "range";
}

function isWithin(schema: KeySchema, value: number): boolean {
  return (
    value >= (schema.minimum ?? Number.NEGATIVE_INFINITY) &&
    value <= (schema.maximum ?? Number.POSITIVE_INFINITY) &&
    value > (schema.exclusiveMinimum ?? Number.NEGATIVE_INFINITY) &&
    value < (schema.exclusiveMaximum ?? Number.POSITIVE_INFINITY)
  );
}
