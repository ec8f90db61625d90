import type { components } from "./schema";

type Problem = components["schemas"]["Problem"];

/** What went wrong with a request: the server could not be reached, or answered with a problem document (RFC 9457). */
export class ApiError extends Error {
  override name = "ApiError";

  constructor(
    /** The last part of the problem's type URI, such as `queue-full`; `unreachable` where nobody answered. */
    readonly kind: string,
    /** HTTP status; 0 where nobody answered. */
    readonly status: number,
    /** Cause and remedy in the server's own (English) words. */
    readonly detail: string,
    /** Under this id the server's log has the rest. */
    readonly requestId: string | null,
    /** What is wrong with single fields of the request. */
    readonly errors: readonly { location: string; problem: string }[] = [],
    /** Further members of the problem, such as `waiting` of a full queue. */
    readonly facts: Readonly<Record<string, unknown>> = {},
  ) {
    super(detail || kind);
  }

  /** Whether the same request may succeed a moment later. */
  get isTemporary(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504;
  }
}

const KNOWN_MEMBERS = new Set(["type", "title", "status", "detail", "request_id", "errors"]);

/** Turn the body of a failed answer into the error that it describes. */
export function errorOf(response: Response, body: unknown): ApiError {
  const requestId = response.headers.get("X-Request-ID");
  if (!isProblem(body)) {
    return new ApiError("unexpected-answer", response.status, "", requestId);
  }
  const kind = body.type.split(":").at(-1) ?? body.type;
  const facts = Object.fromEntries(Object.entries(body).filter(([name]) => !KNOWN_MEMBERS.has(name)));
  return new ApiError(kind, response.status, body.detail, body.request_id ?? requestId, body.errors ?? [], facts);
}

/** The error of a request that got no answer at all. */
export function unreachable(cause: unknown): ApiError {
  return new ApiError("unreachable", 0, cause instanceof Error ? cause.message : String(cause), null);
}

function isProblem(body: unknown): body is Problem {
  return typeof body === "object" && body !== null && "type" in body && "detail" in body;
}
