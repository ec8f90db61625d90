import { type Operation, type PredictedOperation, plainOperation } from "../routing";

/** An operation of a routing that a planner edits. */
export interface Step extends Operation {
  /** Stays while the operation is moved or renamed. */
  id: string;
  /** What the model said of it; null where the planner added it. */
  predicted: PredictedOperation | null;
}

export type EditedField = "operation_code" | "operation_name" | "work_centre" | "in_house" | keyof MinutesFields;
interface MinutesFields {
  setup_minutes: number;
  run_minutes_per_unit: number;
}

const NUMBERS_APART = 10;

export function stepsOf(operations: readonly PredictedOperation[]): Step[] {
  return operations.map((operation, index) => ({
    ...plainOperation(operation),
    id: `p${index}`,
    predicted: operation,
  }));
}

export function withField(steps: readonly Step[], id: string, field: EditedField, value: Step[EditedField]): Step[] {
  return steps.map((step) => (step.id === id ? { ...step, [field]: value } : step));
}

export function withoutStep(steps: readonly Step[], id: string): Step[] {
  return steps.filter((step) => step.id !== id);
}

/** Move an operation to another place; the numbers stay where they are, so that they still rise. */
export function moved(steps: readonly Step[], id: string, to: number): Step[] {
  const from = steps.findIndex((step) => step.id === id);
  const target = Math.min(Math.max(to, 0), steps.length - 1);
  const taken = steps[from];
  if (!taken || from === target) return [...steps];
  const others = steps.filter((step) => step.id !== id);
  const order = [...others.slice(0, target), taken, ...others.slice(target)];
  return order.map((step, index) => ({ ...step, sequence: steps[index]?.sequence ?? step.sequence }));
}

/** Put an empty operation behind another (or last); its number lies between its neighbours', else all are numbered anew. */
export function added(steps: readonly Step[], behind: string | null, id: string): Step[] {
  const found = steps.findIndex((step) => step.id === behind);
  const place = found === -1 ? steps.length : found + 1;
  const before = steps[place - 1]?.sequence ?? 0;
  const after = steps[place]?.sequence ?? before + 2 * NUMBERS_APART;
  const sequence = Math.floor((before + after) / 2);
  const step: Step = { ...EMPTY, id, sequence, predicted: null };
  const order = [...steps.slice(0, place), step, ...steps.slice(place)];
  return sequence > before ? order : order.map((one, index) => ({ ...one, sequence: (index + 1) * NUMBERS_APART }));
}

const EMPTY: Operation = {
  sequence: 0,
  operation_code: "",
  operation_name: "",
  work_centre: "",
  in_house: true,
  setup_minutes: 0,
  run_minutes_per_unit: 0,
};

/** Whether two routings are the same to the backend: it does not count new sequence numbers as a change. */
export function sameRouting(left: readonly Operation[], right: readonly Operation[]): boolean {
  const written = (operations: readonly Operation[]) =>
    JSON.stringify(operations.map((operation) => ({ ...plainOperation(operation), sequence: 0 })));
  return written(left) === written(right);
}

/** Places (from 0) of operations that lack a code or a work centre, without which none can be kept or exported. */
export function incomplete(steps: readonly Operation[]): number[] {
  return steps.flatMap((step, index) =>
    step.operation_code.trim() === "" || step.work_centre.trim() === "" ? [index] : [],
  );
}
