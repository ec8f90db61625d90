import type { Check } from "@/shared/gate/checks";
import type { Job } from "@/shared/jobs";

export type Figures = Readonly<Record<string, number | null>>;

/** What a training or refresh decided about the version that it made. */
export interface GateOutcome {
  promoted: boolean;
  reason: string;
  version: string | null;
  champion: string | null;
  checks: readonly Check[];
  metrics: Figures;
  championMetrics: Figures;
  comparedOperations: number | null;
  dataSeen: Readonly<Record<string, unknown>>;
}

/** Read the gate's decision out of a job's result; null where the job made none. */
export function gateOutcome(job: Job): GateOutcome | null {
  const result = job.result;
  if (job.kind === "evaluation" || !result || typeof result.promoted !== "boolean" || result.skipped === true) {
    return null;
  }
  return {
    promoted: result.promoted,
    reason: textOr("", result.reason),
    version: typeof result.version === "string" ? result.version : null,
    champion: typeof result.champion_version === "string" ? result.champion_version : null,
    checks: (result.checks as Check[] | undefined) ?? [],
    metrics: (result.metrics as Figures | undefined) ?? {},
    championMetrics: (result.champion_metrics as Figures | undefined) ?? {},
    comparedOperations: typeof result.compared_operations === "number" ? result.compared_operations : null,
    dataSeen: (result.data_seen as Record<string, unknown> | undefined) ?? {},
  };
}

/** What became of a job in one word of the page's texts; null while it is under way. */
export type Outcome = "promoted" | "kept" | "evaluated" | "insufficient" | "backtest" | "skipped" | "failed";

export function outcomeOf(job: Job): Outcome | null {
  if (job.status === "FAILED") return "failed";
  if (job.status === "SKIPPED") return "skipped";
  if (job.status !== "SUCCEEDED") return null;
  const gate = gateOutcome(job);
  if (gate) return gate.promoted ? "promoted" : "kept";
  if (job.kind !== "evaluation") return "skipped";
  if (job.result?.status === "insufficient_data") return "insufficient";
  return job.result?.status === "backtest" ? "backtest" : "evaluated";
}

/** Why a job was not needed, in the server's words. */
export function skipReason(job: Job): string | null {
  const reason = job.result?.reason;
  return outcomeOf(job) === "skipped" && typeof reason === "string" ? reason : null;
}

function textOr(fallback: string, value: unknown): string {
  return typeof value === "string" ? value : fallback;
}
