import type { Schemas } from "@/api/client";

/** One part of a cycle's work with its figures, as the API gives it. */
interface Segment {
  dimension: string;
  value: string;
  wape: number | null;
  mae: number | null;
  process_match: number | null;
  work_centre_match: number | null;
  outsourcing_success: number | null;
  coverage: number | null;
  item_count: number;
  operation_count: number;
}

/** A segment beside itself in the cycle before. */
export interface MovedSegment extends Segment {
  key: string;
  wapeBefore: number | null;
}

function segmentKey(segment: Pick<Segment, "dimension" | "value">): string {
  return `${segment.dimension}:${segment.value}`;
}

const DIMENSIONS = ["part_type", "history", "operation", "work_centre"] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** The segment that a key names; null where it names none that the backend lists items of. */
export function segmentOf(key: string): { dimension: Dimension; value: string } | null {
  const colon = key.indexOf(":");
  const dimension = DIMENSIONS.find((one) => one === key.slice(0, Math.max(colon, 0)));
  const value = key.slice(colon + 1);
  return dimension && value ? { dimension, value } : null;
}

/** The segments of a cycle in its own order, worst first, each beside the one of the same name before. */
export function moved(cycle: Schemas["Cycle"], before: Schemas["Cycle"] | null | undefined): MovedSegment[] {
  const earlier = new Map((before?.segments as unknown as Segment[] | undefined)?.map((one) => [segmentKey(one), one]));
  return (cycle.segments as unknown as Segment[]).map((segment) => {
    const key = segmentKey(segment);
    return { ...segment, key, wapeBefore: earlier.get(key)?.wape ?? null };
  });
}

/** Percentage points by which a segment's error rose. */
export function wapeChange(segment: MovedSegment): number | null {
  return segment.wape === null || segment.wapeBefore === null ? null : 100 * (segment.wape - segment.wapeBefore);
}
