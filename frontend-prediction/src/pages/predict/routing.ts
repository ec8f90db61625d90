import type { Schemas } from "@/api/client";

export type Operation = Schemas["RoutingOperation"];
export type PredictedOperation = Schemas["PredictedOperation"];
export type Prediction = Schemas["ItemPrediction"];

export type Minutes = Pick<Operation, "setup_minutes" | "run_minutes_per_unit">;

/** Minutes of one operation for a whole lot. */
export function lotMinutes(operation: Minutes, quantity: number): number {
  return operation.setup_minutes + operation.run_minutes_per_unit * quantity;
}

export function totalMinutes(operations: readonly Minutes[], quantity: number): number {
  return operations.reduce((sum, operation) => sum + lotMinutes(operation, quantity), 0);
}

const DAY_MINUTES = 1_440;

/** Total minutes as days, where most operations take a day or more (as on the command line); null elsewhere. */
export function inDays(minutes: number, operations: readonly Minutes[], quantity: number): number | null {
  const sorted = operations.map((operation) => lotMinutes(operation, quantity)).sort((one, other) => one - other);
  const usual = sorted[Math.floor(sorted.length / 2)] ?? 0;
  return usual >= DAY_MINUTES ? minutes / DAY_MINUTES : null;
}

/** The operation alone, without ranges and whatever else a page keeps beside it: the form in which it is sent. */
export function plainOperation(operation: Operation): Operation {
  const { sequence, in_house, setup_minutes, run_minutes_per_unit } = operation;
  return {
    sequence,
    operation_code: operation.operation_code.trim(), // the backend does the same: what is typed around it is no change
    operation_name: operation.operation_name?.trim() ?? null,
    work_centre: operation.work_centre.trim(),
    in_house,
    setup_minutes,
    run_minutes_per_unit,
  };
}
