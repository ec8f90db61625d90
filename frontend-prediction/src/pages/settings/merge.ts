import { type Field, isEqual, type Value, type Values, valueAt, withValue } from "./fields";

/* Three versions of the settings: `base` that the edits began with, `mine` with the edits, `theirs` in the file now. */

export type Side = "mine" | "theirs";

/** A setting that is not the same on both sides. */
export interface Difference {
  field: Field;
  base: Value;
  mine: Value;
  theirs: Value;
  /** The side that alone has changed it; null where both have, so that a person must choose. */
  suggested: Side | null;
}

export function differences(fields: readonly Field[], base: Values, mine: Values, theirs: Values): Difference[] {
  return fields.flatMap((field) => {
    const values = { base: valueAt(base, field), mine: valueAt(mine, field), theirs: valueAt(theirs, field) };
    if (isEqual(values.mine, values.theirs)) return [];
    const theirsOnly = isEqual(values.mine, values.base);
    const mineOnly = isEqual(values.theirs, values.base);
    return [{ field, ...values, suggested: theirsOnly ? "theirs" : mineOnly ? "mine" : null }];
  });
}

/** The file's values with mine where that side was chosen. */
export function merged(theirs: Values, found: readonly Difference[], chosen: Readonly<Record<string, Side>>): Values {
  return found.reduce(
    (values, one) =>
      (chosen[one.field.path] ?? one.suggested) === "mine" ? withValue(values, one.field, one.mine) : values,
    theirs,
  );
}
