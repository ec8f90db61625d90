import { formatMoment, parseMoment } from "@/shared/format";

/* A field of type datetime-local holds "2026-03-03T14:05" on the plant's clock; the API takes UTC. */

/** Write a moment of the API as such a field shows it. */
export function toLocalField(moment: string): string {
  return moment ? formatMoment(moment, { zone: false }).replace(" ", "T") : "";
}

/** Read such a field; "" where it is empty or no moment. */
export function fromLocalField(field: string): string {
  const asUtc = parseMoment(field ? `${field}:00Z` : "");
  if (!asUtc) return "";
  // What the plant's clock shows at that UTC moment tells how far it is ahead; asked twice, for a change of summer time.
  const first = new Date(asUtc.getTime() - ahead(asUtc));
  return new Date(asUtc.getTime() - ahead(first)).toISOString();
}

function ahead(at: Date): number {
  const shown = parseMoment(`${toLocalField(at.toISOString())}:00Z`);
  return (shown?.getTime() ?? 0) - Math.floor(at.getTime() / 60_000) * 60_000;
}
