import type { Middleware } from "openapi-fetch";

/* A change made with a session brings the session's token along: another site's page cannot know it. */

const HEADER = "X-CSRF-Token";
const READS = new Set(["GET", "HEAD"]);

/** null where none is needed (a local request), undefined where it is not known yet. */
let token: string | null | undefined;

/** Take over what the server said of who asks; undefined where somebody else may ask from now on. */
export function rememberToken(told: string | null | undefined): void {
  token = told;
}

export const csrf: Middleware = {
  async onRequest({ request, schemaPath }) {
    if (READS.has(request.method) || schemaPath === "/api/auth/login") return;
    if (token === undefined) token = await askForToken();
    if (token) request.headers.set(HEADER, token);
  },
};

/** A page that predicts as soon as it is loaded does so before anybody else has asked. */
async function askForToken(): Promise<string | null | undefined> {
  const answered = await globalThis.fetch("/api/auth/me").catch(() => null);
  if (!answered?.ok) return undefined; // the request itself is refused then, and says why
  const me: { csrf_token: string | null } = await answered.json();
  return me.csrf_token;
}
