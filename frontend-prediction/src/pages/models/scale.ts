/** The largest of these, and at least one, so that a bar's length can be a share of it. */
export function atLeast(values: readonly number[], least = 1): number {
  return values.reduce((largest, value) => Math.max(largest, value), least);
}
