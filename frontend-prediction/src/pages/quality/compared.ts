import type { Schemas } from "@/api/client";

type Aligned = Schemas["AlignedOperation"];

/** What is to be said of an operation beside its figures. */
type Note = "missing" | "extra" | "otherCentre" | "otherPlace" | "outside" | "notJudged";

export interface ComparedOperation extends Aligned {
  key: string;
  name: string;
  /** Actual minus predicted minutes; null where one is lacking. */
  difference: number | null;
  notes: Note[];
}

/** The operations of a lot with what differs between foreseen and done. */
export function compared(lot: Schemas["JudgedLotView"]): ComparedOperation[] {
  return lot.operations.map((aligned, place) => {
    const { predicted, actual } = aligned;
    const code = predicted?.operation_code ?? actual?.operation_code ?? "";
    const minutes = actual?.minutes ?? null;
    return {
      ...aligned,
      key: `${place} ${code}`,
      name: [code, predicted?.operation_name].filter(Boolean).join(" "),
      difference: predicted && minutes !== null ? minutes - predicted.minutes : null,
      notes: notesOf(aligned),
    };
  });
}

function notesOf({ predicted, actual }: Aligned): Note[] {
  if (!predicted) return ["missing"];
  if (!actual) return ["extra"];
  const { minutes } = actual;
  const notes: (Note | false)[] = [
    actual.work_centre !== null && actual.work_centre !== predicted.work_centre && "otherCentre",
    actual.in_house !== null && actual.in_house !== predicted.in_house && "otherPlace",
    minutes !== null && (minutes < predicted.low || minutes > predicted.high) && "outside",
    minutes === null && "notJudged",
  ];
  return notes.filter((note) => note !== false);
}
