import createClient from "openapi-fetch";
import { csrf } from "./csrf";
import { ApiError, errorOf, unreachable } from "./problem";
import type { components, paths } from "./schema";

/** The backend's values as an answer holds them (openapi-fetch reads pairs as lists). */
export type Schemas = { [Name in keyof components["schemas"]]: Answered<components["schemas"][Name]> };

type Answered<Value> = Value extends (infer Element)[]
  ? Answered<Element>[]
  : Value extends object
    ? { [Name in keyof Value]: Answered<Value[Name]> }
    : Value;

/** The backend's operations, typed from its OpenAPI document. Wrap every call in `answer`. */
export const api = createClient<paths>({
  baseUrl: globalThis.location.origin,
  fetch: (request) => globalThis.fetch(request), // looked up per call, so that tests can answer in its place
});

api.use(csrf);

interface Outcome<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** Return what the server answered; throws ApiError for everything else. */
export async function answer<Data>(call: Promise<Outcome<Data>>): Promise<Data> {
  const outcome = await reached(call);
  if (!outcome.response.ok) throw errorOf(outcome.response, outcome.error);
  return outcome.data as Data;
}

/** Like `answer`, but null where the server says that there is nothing of the kind yet, such as `no-evaluation`. */
export async function answerOrNothing<Data>(kind: string, call: Promise<Outcome<Data>>): Promise<Data | null> {
  try {
    return await answer(call);
  } catch (error) {
    if (error instanceof ApiError && error.kind === kind) return null;
    throw error;
  }
}

async function reached<Data>(call: Promise<Outcome<Data>>): Promise<Outcome<Data>> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw unreachable(error);
  }
}
