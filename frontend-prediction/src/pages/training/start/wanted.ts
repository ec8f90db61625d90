import { answer, api, type Schemas } from "@/api/client";
import type { Job } from "@/shared/jobs";

export const KINDS = ["training", "evaluation", "refresh"] as const;
export type Kind = (typeof KINDS)[number];

export const STRATEGIES = ["random", "stratified", "recent_bias", "all"] as const;
type Strategy = (typeof STRATEGIES)[number];

/** The limits that the API sets. */
export const LIMITS = { sampleSize: { min: 1, max: 1_000_000 }, seed: { min: 0, max: 2 ** 31 - 1 } } as const;

/** What a job is asked for with; what is left empty is taken from the server's settings. */
export interface Wanted {
  kind: Kind;
  sampleSize: number | null;
  strategy: Strategy | null;
  seed: number | null;
  backtest: boolean;
}

export const AS_CONFIGURED: Wanted = {
  kind: "training",
  sampleSize: null,
  strategy: null,
  seed: null,
  backtest: false,
};

/** The names of the parameters that a kind of job takes. */
const TAKEN: Record<Kind, readonly string[]> = {
  training: ["sample_size", "strategy"],
  evaluation: ["sample_size", "strategy", "seed", "backtest"],
  refresh: [],
};

/** What would run a job again as it was, and the parameters of it that cannot be asked for. */
export function wantedAgain(job: Job): { wanted: Wanted; leftOut: string[] } {
  const { sample_size, strategy, seed, backtest } = job.parameters;
  const wanted: Wanted = {
    kind: job.kind,
    sampleSize: typeof sample_size === "number" ? sample_size : null,
    strategy: STRATEGIES.find((one) => one === strategy) ?? null,
    seed: typeof seed === "number" ? seed : null,
    backtest: backtest === true,
  };
  return { wanted, leftOut: Object.keys(job.parameters).filter((name) => !TAKEN[job.kind].includes(name)) };
}

/** Ask the server to queue the job. */
export function startJob(wanted: Wanted): Promise<Schemas["JobStarted"]> {
  const sample = { sample_size: wanted.sampleSize, strategy: wanted.strategy };
  switch (wanted.kind) {
    case "training":
      return answer(api.POST("/api/training/start", { body: sample }));
    case "evaluation":
      return answer(
        api.POST("/api/quality/evaluate", { body: { ...sample, seed: wanted.seed, backtest: wanted.backtest } }),
      );
    case "refresh":
      return answer(api.POST("/api/training/refresh"));
  }
}

/** Whether a number that may be left empty is whole and within its limits. */
export function isWithin(value: number | null, limits: { min: number; max: number }): boolean {
  return value === null || (Number.isInteger(value) && value >= limits.min && value <= limits.max);
}
