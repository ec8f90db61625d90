import { oneOf, type Param, sorting, text } from "@/shared/url_state";
import { keep, kept } from "./session";

export const ATTENTION_FILTERS = ["all", "attention", "calm"] as const;
export const STATUS_FILTERS = [
  "all",
  "ok",
  "low_evidence",
  "stale",
  "not_found",
  "source_unavailable",
  "invalid",
] as const;
export const DECISION_FILTERS = ["all", "open", "decided"] as const;
export const TABS = ["evidence", "compare", "flow", "history"] as const;
export type DetailTab = (typeof TABS)[number];

const positive: Param<number | null> = {
  fallback: null,
  read: (found) => (isQuantity(Number(found)) ? Number(found) : null),
  write: (value) => (value === null ? "" : String(value)),
};

export function isQuantity(value: number): boolean {
  return Number.isFinite(value) && value > 0 && value <= 1e9;
}

/** What of this page stands in its address. */
export const ADDRESS = {
  mode: oneOf(["codes", "new"], "codes"),
  /** Codes with commas between them, where they are few … */
  items: text(),
  /** … else the key under which the tab's session storage has them. */
  list: text(),
  qty: positive,
  item: text(),
  candidate: text("1"),
  tab: oneOf(TABS, "evidence"),
  against: text(),
  find: text(),
  status: oneOf(STATUS_FILTERS, "all"),
  attention: oneOf(ATTENTION_FILTERS, "all"),
  decision: oneOf(DECISION_FILTERS, "all"),
  sort: sorting(),
};

const MOST_IN_ADDRESS = 1_500; // characters; proxies refuse addresses of 8 KB and more

/** How codes stand in the address; null where they are many and the browser's storage is full. */
export function writeCodes(codes: readonly string[]): { items: string; list: string } | null {
  const joined = codes.join(",");
  if (encodeURIComponent(joined).length <= MOST_IN_ADDRESS) return { items: joined, list: "" };
  const key = keyOf(joined);
  return keep(`list-${key}`, codes) ? { items: "", list: key } : null;
}

/** The codes that an address stands for; null where its list is not in this tab's storage. */
export function readCodes(address: { items: string; list: string }): string[] | null {
  if (address.list) return kept(`list-${address.list}`, isListOfTexts);
  return [...new Set(address.items.split(",").map((code) => code.trim().normalize("NFC")))].filter(
    (code) => code !== "",
  );
}

function isListOfTexts(found: unknown): found is string[] {
  return Array.isArray(found) && found.every((one) => typeof one === "string");
}

/** A short name of a list (FNV-1a over two seeds), so that the same list has the same address. */
function keyOf(joined: string): string {
  const hash = (seed: number) => {
    let value = seed;
    for (let at = 0; at < joined.length; at++) value = Math.imul(value ^ joined.charCodeAt(at), 0x01000193) >>> 0;
    return value.toString(36);
  };
  return `${hash(0x811c9dc5)}${hash(0x12345679)}`;
}
