import i18next, { type TFunction } from "i18next";
import { ApiError } from "@/api/problem";
import type { Korean } from "@/i18n/ko";

/** Cause and remedy in the user's language; `serverWords` where the server's own say more than a common sentence. */
export interface ProblemWords {
  cause: string;
  remedy: string;
  serverWords: string | null;
}

export function describeProblem(error: unknown, t: TFunction<"problems">): ProblemWords {
  if (!(error instanceof ApiError)) return { ...kindWords("unexpected-answer", t), serverWords: String(error) };
  const said = error.status === 0 ? null : [error.detail, ...error.errors.map(writeFieldError)].join("\n").trim();
  if (isKnown(error.kind)) return { ...kindWords(error.kind, t), serverWords: said || null };
  const status = String(error.status);
  return { cause: t("status.cause", { status }), remedy: t("status.remedy"), serverWords: said || null };
}

type Kind = keyof Korean["problems"]["kinds"];

function kindWords(kind: Kind, t: TFunction<"problems">) {
  return { cause: t(`kinds.${kind}.cause`), remedy: t(`kinds.${kind}.remedy`) };
}

function isKnown(kind: string): kind is Kind {
  return i18next.exists(`kinds.${kind}.cause`, { ns: "problems" });
}

function writeFieldError(error: { location: string; problem: string }): string {
  return `${error.location}: ${error.problem}`;
}
