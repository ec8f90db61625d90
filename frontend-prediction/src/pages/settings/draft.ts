import { forget, keep, kept } from "@/shared/session";
import type { Values } from "./fields";

const NAME = "settings-draft";

/** Edits that are not saved yet, and the version of the file that they began with. */
export interface Draft {
  etag: string;
  base: Values;
  mine: Values;
}

/** Keep the edits for a reload of this tab; false where the browser's storage is full. */
export const keepDraft = (draft: Draft): boolean => keep(NAME, draft);

export const forgetDraft = (): void => forget(NAME);

export const keptDraft = (): Draft | null => kept(NAME, isDraft);

function isDraft(found: unknown): found is Draft {
  if (typeof found !== "object" || found === null || !("etag" in found && "base" in found && "mine" in found))
    return false;
  return typeof found.etag === "string" && isNested(found.base) && isNested(found.mine);
}

function isNested(found: unknown): found is Values {
  const isObject = (one: unknown) => typeof one === "object" && one !== null && !Array.isArray(one);
  return isObject(found) && Object.values(found as object).every(isObject);
}
