import type { ItemStandards } from "../attention";
import type { Operation, Prediction } from "../routing";

/** A routing that the shown one can be compared with. */
export type Alternative =
  | { key: string; kind: "candidate"; number: number; operations: readonly Operation[] }
  | { key: string; kind: "erp"; routingCode: string; item: string | null; operations: readonly Operation[] }
  | { key: string; kind: "copied"; item: string; operations: readonly Operation[] };

/** The ERP's routings of an item; `item` where it is another one than the shown. */
export function standardsOf(standards: ItemStandards | null, item: string | null = null): Alternative[] {
  return (standards?.routings ?? []).map(({ routing_code, operations }) => ({
    key: item === null ? `erp-${routing_code}` : `erp-${item}-${routing_code}`,
    kind: "erp",
    routingCode: routing_code,
    item,
    operations,
  }));
}

/** All candidates but the shown one. */
export function otherCandidates(prediction: Prediction, shown: string): Alternative[] {
  return prediction.candidates
    .map(({ operations }, index) => ({
      key: String(index + 1),
      kind: "candidate" as const,
      number: index + 1,
      operations,
    }))
    .filter(({ key }) => key !== shown);
}
