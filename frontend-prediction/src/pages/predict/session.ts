import * as session from "@/shared/session";

/* What this page keeps in the tab's session storage. */

const PREFIX = "predict-";

export const keep = (name: string, value: unknown) => session.keep(PREFIX + name, value);

export const forget = (name: string) => session.forget(PREFIX + name);

export const kept = <Value>(name: string, isValid: (found: unknown) => found is Value) =>
  session.kept(PREFIX + name, isValid);
