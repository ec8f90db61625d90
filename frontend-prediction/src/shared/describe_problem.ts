import i18next, { type TFunction } from "i18next";
import { ApiError } from "@/api/problem";
import { ROLES } from "@/api/who";
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
  if (isKnown(error.kind)) return { ...kindWords(error.kind, t, valuesOf(error)), serverWords: said || null };
  const status = String(error.status);
  return { cause: t("status.cause", { status }), remedy: t("status.remedy"), serverWords: said || null };
}

type Values = { needed: string; seconds: string }; // i18next takes no interface

const NO_VALUES: Values = { needed: "", seconds: "" };

type Kind = keyof Korean["problems"]["kinds"];

function kindWords(kind: Kind, t: TFunction<"problems">, values = NO_VALUES) {
  return { cause: t(`kinds.${kind}.cause`, values), remedy: t(`kinds.${kind}.remedy`, values) };
}

/** What some sentences name: the role that is needed, how long to wait. */
function valuesOf({ facts }: ApiError): Values {
  const needed = ROLES.find((role) => role === facts.needed);
  return {
    needed: needed ? i18next.t(`roles.${needed}`, { ns: "access" }) : "",
    seconds: String(facts.retry_after_seconds ?? ""),
  };
}

function isKnown(kind: string): kind is Kind {
  return i18next.exists(`kinds.${kind}.cause`, { ns: "problems" });
}

function writeFieldError(error: { location: string; problem: string }): string {
  return `${error.location}: ${error.problem}`;
}
