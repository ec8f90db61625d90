const HIGHER_IS_BETTER = new Set(["process_match", "outsourcing_success", "work_centre_match"]);

/** Whether a metric improved from one value to another; null where it is the same. */
export function isBetter(metric: string, before: number, after: number): boolean | null {
  if (before === after) return null;
  return HIGHER_IS_BETTER.has(metric) === after > before;
}
