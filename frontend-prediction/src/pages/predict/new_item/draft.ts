import type { Schemas } from "@/api/client";
import { forget, keep, kept } from "../session";

/** Attributes as a prediction takes them. */
export type Attributes = Record<string, string | number | null>;
export type AttributeView = Schemas["AttributeView"];

/** What a planner has typed about an item that is not in the ERP. */
export interface Draft {
  /** By attribute, as typed. */
  typed: Record<string, string>;
  copiedFrom: { code: string; attributes: Attributes } | null;
  quantity: number | null;
  /** What was predicted last. */
  asked: Attributes | null;
}

export const EMPTY_DRAFT: Draft = { typed: {}, copiedFrom: null, quantity: null, asked: null };

const NAME = "new-item";

export function keptDraft(): Draft {
  return kept(NAME, isDraft) ?? EMPTY_DRAFT;
}

/** Keep a draft for a reload, where there is anything in it; false where the browser's storage is full. */
export function keepDraft(draft: Draft): boolean {
  const { typed, copiedFrom, quantity, asked } = draft;
  const hasAny = Object.values(typed).some(hasText) || copiedFrom !== null || quantity !== null || asked !== null;
  if (hasAny) return keep(NAME, draft);
  forget(NAME);
  return true;
}

function isDraft(found: unknown): found is Draft {
  return typeof found === "object" && found !== null && "typed" in found && "asked" in found && "copiedFrom" in found;
}

/** Names of numeric attributes whose text is no number. */
export function wrongNumbers(typed: Draft["typed"], attributes: readonly AttributeView[]): string[] {
  return attributes
    .filter(({ name, kind }) => kind === "numeric" && hasText(typed[name]) && readNumber(typed[name]) === null)
    .map(({ name }) => name);
}

/** What is sent: filled fields alone, numbers as numbers. */
export function attributesOf(typed: Draft["typed"], attributes: readonly AttributeView[]): Attributes {
  const filled = attributes.filter(({ name }) => hasText(typed[name]));
  return Object.fromEntries(
    filled.map(({ name, kind }) => [name, kind === "numeric" ? readNumber(typed[name]) : (typed[name] ?? "").trim()]),
  );
}

/** The form's texts of an existing item. */
export function typedOf(attributes: Attributes): Draft["typed"] {
  const filled = Object.entries(attributes).filter(([, value]) => value !== null && value !== "");
  return Object.fromEntries(filled.map(([name, value]) => [name, String(value)]));
}

/** What differs between the copied item and what is sent now. */
export function changedAttributes(before: Attributes, now: Attributes) {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])];
  return names
    .map((name) => ({ name, before: before[name] ?? null, now: now[name] ?? null }))
    .filter((one) => one.before !== one.now);
}

function hasText(text: string | undefined): boolean {
  return (text ?? "").trim() !== "";
}

function readNumber(text: string | undefined): number | null {
  const value = Number((text ?? "").replaceAll(",", "").trim());
  return Number.isFinite(value) && Math.abs(value) <= 1e15 ? value : null;
}
