import type { Schemas } from "@/api/client";

export type View = Schemas["ConfigView"];
export type KeySchema = Schemas["KeySchema"];
export type Value = number | string | boolean | string[];
/** Values by section and key, as the form and the server's answer have them. */
export type Values = Record<string, Record<string, Value>>;

/** One setting that the server's schema names. */
export interface Field {
  section: string;
  key: string;
  /** section.key: how the server and the form call it. */
  path: string;
  schema: KeySchema;
}

export function fieldsOf(view: View): Field[] {
  return Object.entries(view.json_schema.properties).flatMap(([section, part]) =>
    Object.entries(part.properties).map(([key, schema]) => ({ section, key, path: `${section}.${key}`, schema })),
  );
}

/** The server's values, freely writable. */
export const valuesOf = (view: Pick<View, "values">): Values => structuredClone(view.values) as unknown as Values;

/** A setting's value; a number that is still being typed ("0.0") counts as the number that it says. */
export function valueAt(values: Values, field: Field): Value {
  const value = values[field.section]?.[field.key] ?? "";
  const isNumeric = field.schema.type === "number" || field.schema.type === "integer";
  const typed = isNumeric && typeof value === "string" && value.trim() !== "" ? Number(value) : Number.NaN;
  return Number.isFinite(typed) ? typed : value;
}

export function withValue(values: Values, field: Pick<Field, "section" | "key">, value: Value): Values {
  return { ...values, [field.section]: { ...values[field.section], [field.key]: value } };
}

export function isEqual(one: Value, other: Value): boolean {
  if (!Array.isArray(one) || !Array.isArray(other)) return one === other;
  return one.length === other.length && one.every((entry, index) => entry === other[index]);
}

/** The settings whose values differ. */
export function changedFields(fields: readonly Field[], base: Values, mine: Values): Field[] {
  return fields.filter((field) => !isEqual(valueAt(base, field), valueAt(mine, field)));
}

export const choicesOf = (schema: KeySchema): string[] | null =>
  schema.type === "array" ? ((schema.items?.enum as string[] | undefined) ?? []) : (schema.enum ?? null);
