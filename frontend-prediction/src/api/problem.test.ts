import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { answer, answerOrNothing, api } from "./client";
import { ApiError } from "./problem";

const server = setupServer();
beforeAll(() => server.listen({ onUnhandledRequest: "error" }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

const ask = () => answer(api.GET("/api/models"));
const answerWith = (body: Record<string, unknown> | string, status: number) =>
  server.use(
    http.get("*/api/models", () =>
      typeof body === "string"
        ? new HttpResponse(body, { status, headers: { "X-Request-ID": "abc" } })
        : HttpResponse.json(body, { status, headers: { "Content-Type": "application/problem+json" } }),
    ),
  );
const PROBLEM = {
  type: "urn:routing-ml:problem:queue-full",
  title: "Conflict",
  status: 409,
  detail: "full",
  request_id: "r1",
};

async function failure(): Promise<ApiError> {
  const error = await ask().catch((thrown: unknown) => thrown);
  if (!(error instanceof ApiError)) throw new Error("it did not fail as it should");
  return error;
}

test("a problem document becomes an error with kind, detail, request id and facts", async () => {
  answerWith({ ...PROBLEM, waiting: 3, errors: [{ location: "body.x", problem: "too big" }] }, 409);
  expect(await failure()).toMatchObject({
    kind: "queue-full",
    status: 409,
    detail: "full",
    requestId: "r1",
    errors: [{ location: "body.x", problem: "too big" }],
    facts: { waiting: 3 },
    isTemporary: false,
  });
});

test("an answer that is no problem document keeps its status and request id", async () => {
  answerWith("<h1>Bad gateway</h1>", 502);
  expect(await failure()).toMatchObject({
    kind: "unexpected-answer",
    status: 502,
    requestId: "abc",
    isTemporary: true,
  });
});

test("no answer at all is told apart", async () => {
  server.use(http.get("*/api/models", () => HttpResponse.error()));
  expect(await failure()).toMatchObject({ kind: "unreachable", status: 0, isTemporary: true });
});

test("what is not there yet is null, and nothing else is", async () => {
  answerWith({ ...PROBLEM, type: "urn:routing-ml:problem:no-evaluation", status: 404 }, 404);
  expect(await answerOrNothing("no-evaluation", api.GET("/api/models"))).toBeNull();
  await expect(answerOrNothing("no-model", api.GET("/api/models"))).rejects.toMatchObject({ kind: "no-evaluation" });
});
