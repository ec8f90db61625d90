import { lotMinutes, type Operation } from "./routing";

/** One line of a comparison of two routings: at least one side is there. */
export interface AlignedRow<Left extends Operation = Operation> {
  kind: "same" | "changed" | "leftOnly" | "rightOnly";
  left: Left | null;
  right: Operation | null;
  /** Fields that differ, where both sides are there. */
  fields: ComparedField[];
}

type ComparedField = "work_centre" | "in_house" | "minutes";

/** Minutes of a lot count as different from here on: a share of the larger. */
export const DIFFERENT_MINUTES = 0.1;

/** Align two routings by operation code (longest common subsequence), never by sequence number. */
export function align<Left extends Operation>(
  left: readonly Left[],
  right: readonly Operation[],
  quantity: number,
): AlignedRow<Left>[] {
  const common = commonLengths(left, right);
  const rows: AlignedRow<Left>[] = [];
  let [i, j] = [0, 0];
  while (i < left.length || j < right.length) {
    const [one, other] = [left[i] ?? null, right[j] ?? null];
    if (one && other && one.operation_code === other.operation_code) {
      rows.push(pair(one, other, quantity));
      i++;
      j++;
    } else if (one && (!other || lengthAt(common, i + 1, j) >= lengthAt(common, i, j + 1))) {
      rows.push({ kind: "leftOnly", left: one, right: null, fields: [] });
      i++;
    } else {
      rows.push({ kind: "rightOnly", left: null, right: other, fields: [] });
      j++;
    }
  }
  return rows;
}

function pair<Left extends Operation>(left: Left, right: Operation, quantity: number): AlignedRow<Left> {
  const fields: ComparedField[] = [];
  if (left.work_centre !== right.work_centre) fields.push("work_centre");
  if (left.in_house !== right.in_house) fields.push("in_house");
  if (minutesDiffer(lotMinutes(left, quantity), lotMinutes(right, quantity))) fields.push("minutes");
  return { kind: fields.length > 0 ? "changed" : "same", left, right, fields };
}

function minutesDiffer(one: number, other: number): boolean {
  return Math.abs(one - other) > DIFFERENT_MINUTES * Math.max(one, other);
}

/** How many operations the rests from i and j have in common, at each i and j. */
function commonLengths(left: readonly Operation[], right: readonly Operation[]): number[][] {
  const table = Array.from({ length: left.length + 1 }, () => new Array<number>(right.length + 1).fill(0));
  for (let i = left.length - 1; i >= 0; i--) {
    for (let j = right.length - 1; j >= 0; j--) {
      const equal = left[i]?.operation_code === right[j]?.operation_code;
      const found = equal
        ? lengthAt(table, i + 1, j + 1) + 1
        : Math.max(lengthAt(table, i + 1, j), lengthAt(table, i, j + 1));
      (table[i] as number[])[j] = found;
    }
  }
  return table;
}

function lengthAt(table: readonly (readonly number[])[], i: number, j: number): number {
  return table[i]?.[j] ?? 0;
}
