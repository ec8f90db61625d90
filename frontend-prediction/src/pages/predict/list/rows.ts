import type { Schemas } from "@/api/client";
import { type AttentionLimits, type ItemStandards, type Mark, marksOf } from "../attention";
import { minutesOfSteps } from "../detail/total_range";
import type { Edit } from "../edit/edits";
import type { Answered, Standards } from "../queries";
import type { Prediction } from "../routing";

/** One item of the list. */
export interface ItemRow {
  code: string;
  /** Under which its edit is kept. */
  editName: string;
  prediction: Prediction;
  standards: ItemStandards | null;
  marks: Mark[];
  /** Of the first candidate; null where nothing is proposed. */
  probability: number | null;
  /** Of the edited routing where there is one, else of the first candidate. */
  operations: number | null;
  minutes: number | null;
  isEdited: boolean;
  /** The newest decision of a planner about this item. */
  decision: Schemas["FeedbackView"]["decision"] | null;
}

interface Sources {
  answered: Answered | undefined;
  standards: Standards | undefined;
  /** By item. */
  marks: ReadonlyMap<string, Mark[]>;
  /** At most one of each item. */
  decisions: readonly Schemas["FeedbackView"][] | undefined;
  edits: ReadonlyMap<string, Edit>;
}

/** Why items need attention: what no edit changes, and takes time where routings are long. */
export function marksByItem(
  answered: Answered | undefined,
  standards: Standards | undefined,
  limits: AttentionLimits,
): Map<string, Mark[]> {
  const known = byItem(standards);
  const rows = (answered?.rows ?? []).map((prediction) => {
    const code = prediction.item_code ?? "";
    return [code, marksOf(prediction, known.get(code) ?? null, limits)] as const;
  });
  return new Map(rows);
}

function byItem(standards: Standards | undefined): Map<string, ItemStandards> {
  return new Map(standards?.rows.map((one) => [one.item_code, one]));
}

/** Put together what is known of each item. */
export function makeRows({ answered, standards, marks, decisions, edits }: Sources): ItemRow[] {
  const standardsOf = byItem(standards);
  const decided = new Map(decisions?.map((one) => [one.item_code, one.decision]));
  return (answered?.rows ?? []).map((prediction) => {
    const code = prediction.item_code ?? "";
    const best = prediction.candidates[0];
    const edited = edits.get(code)?.steps;
    const steps = edited ?? best?.operations;
    return {
      code,
      editName: code,
      prediction,
      standards: standardsOf.get(code) ?? null,
      marks: marks.get(code) ?? [],
      probability: best?.probability ?? null,
      operations: steps?.length ?? null,
      minutes: edited ? minutesOfSteps(edited, prediction, best?.total_spread ?? null) : (best?.total_minutes ?? null),
      isEdited: edits.has(code),
      decision: decided.get(code) ?? null,
    };
  });
}
