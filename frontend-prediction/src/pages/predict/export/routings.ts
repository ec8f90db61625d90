import type { Schemas } from "@/api/client";
import { closestStandard, type ItemStandards } from "../attention";
import type { Edit } from "../edit/edits";
import { incomplete } from "../edit/steps";
import { lotMinutes, type Operation, type Prediction, plainOperation } from "../routing";

export type Routing = Schemas["RoutingBody"];

export interface ExportItem {
  /** Null for an item that has none yet. */
  code: string | null;
  /** Under which its edit is kept. */
  editName: string;
  prediction: Prediction;
  standards: ItemStandards | null;
  /** What a planner has decided before. */
  decision?: "accepted" | "edited" | null;
}

/** Whether the ERP's routing codes are there, still asked for, or not to be had. */
export type RoutingCodes = "known" | "asked" | "unknown";

/** What is exported of each item: the edited routing where there is one, else the first candidate. */
export function routingsOf(items: readonly ExportItem[], edits: ReadonlyMap<string, Edit>): Routing[] {
  return items.flatMap(({ code, editName, prediction, standards }) => {
    const operations: readonly Operation[] = edits.get(editName)?.steps ?? prediction.candidates[0]?.operations ?? [];
    if (operations.length === 0 || incomplete(operations).length > 0) return [];
    return [
      {
        item_code: code,
        routing_code: closestStandard(standards, operations)?.routing_code ?? null,
        quantity: prediction.quantity,
        operations: operations.map(plainOperation),
      },
    ];
  });
}

const MOST_ROUTINGS = 1_000;
const MOST_BYTES = 3_500_000; // of at most 4 MiB

/** Split routings into requests that the backend takes. */
export function inRequests(routings: readonly Routing[]): Routing[][] {
  const requests: Routing[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const routing of routings) {
    const size = new TextEncoder().encode(JSON.stringify(routing)).length + 1;
    const last = requests.at(-1);
    if (!last || last.length >= MOST_ROUTINGS || bytes + size > MOST_BYTES) {
      requests.push([routing]);
      bytes = size;
    } else {
      last.push(routing);
      bytes += size;
    }
  }
  return requests;
}

/** Rows for the clipboard: one per operation, minutes rounded as a sheet shows them. */
export function clipboardRows(routings: readonly Routing[], words: { inHouse: string; outsourced: string }) {
  return routings.flatMap(({ item_code, quantity, operations }) =>
    operations.map((operation) => [
      item_code ?? "",
      operation.sequence,
      operation.operation_code,
      operation.operation_name ?? "",
      operation.work_centre,
      operation.in_house ? words.inHouse : words.outsourced,
      round(operation.setup_minutes),
      round(operation.run_minutes_per_unit),
      round(lotMinutes(operation, quantity ?? 0)),
    ]),
  );
}

function round(minutes: number): number {
  return Number(minutes.toFixed(4));
}
