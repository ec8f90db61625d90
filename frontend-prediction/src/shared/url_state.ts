import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import type { Sorting } from "./table/columns";

/** How one thing that a page shows stands in its address; what is not valid there counts as absent. */
export interface Param<Value> {
  fallback: Value;
  read: (text: string) => Value | null;
  write: (value: Value) => string;
}

export const text = (fallback = ""): Param<string> => ({ fallback, read: (found) => found, write: (value) => value });

export const oneOf = <const Choice extends string>(choices: readonly Choice[], fallback: Choice): Param<Choice> => ({
  fallback,
  read: (found) => choices.find((choice) => choice === found) ?? null,
  write: (value) => value,
});

export const wholeNumber = (fallback: number, range: { min: number; max: number }): Param<number> => ({
  fallback,
  read: (found) => {
    const value = /^-?\d{1,15}$/.test(found) ? Number(found) : Number.NaN;
    return value >= range.min && value <= range.max ? value : null;
  },
  write: String,
});

/** A table's sorting: "minutes", or "-minutes" for descending. A column that is not there sorts nothing. */
export const sorting = (): Param<Sorting | null> => ({
  fallback: null,
  read: (found) => ({ key: found.replace(/^-/, ""), descending: found.startsWith("-") }),
  write: (value) => (value ? `${value.descending ? "-" : ""}${value.key}` : ""),
});

/** 2026-03-03 */
export const day = (): Param<string> => ({
  fallback: "",
  read: (found) => (/^\d{4}-\d\d-\d\d$/.test(found) && !Number.isNaN(Date.parse(found)) ? found : null),
  write: (value) => value,
});

// biome-ignore lint/suspicious/noExplicitAny: each parameter has a type of its own; Values brings them back
type Params = Record<string, Param<any>>;
type Values<Spec> = { [Name in keyof Spec]: Spec[Name] extends Param<infer Value> ? Value : never };

/** Read validated values out of search parameters as they stand in the address. */
export function readParams<Spec extends Params>(spec: Spec, search: Record<string, unknown>): Values<Spec> {
  const values = Object.entries(spec).map(([name, param]) => {
    const found = search[name];
    return [name, (typeof found === "string" ? param.read(found) : null) ?? param.fallback];
  });
  return Object.fromEntries(values) as Values<Spec>;
}

/** Write values into search parameters; what equals its fallback is left out, other parameters stay. */
export function writeParams<Spec extends Params>(
  spec: Spec,
  search: Record<string, unknown>,
  changes: Partial<Values<Spec>>,
): Record<string, string> {
  const next = Object.fromEntries(Object.entries(search).filter(([, value]) => typeof value === "string"));
  for (const [name, value] of Object.entries(changes)) {
    const param = spec[name] as Param<unknown> | undefined;
    if (!param || value === undefined || value === param.fallback) delete next[name];
    else next[name] = param.write(value);
  }
  return next as Record<string, string>;
}

/**
 * Keep what a page shows in its address, so that a reload, a link and Back bring it again.
 * `spec` must be a constant outside the component. A change makes an entry in the history unless `replace` is set.
 */
export function useUrlState<Spec extends Params>(spec: Spec) {
  const search = useSearch({ strict: false }) as Record<string, unknown>;
  const navigate = useNavigate();
  const values = useMemo(() => readParams(spec, search), [spec, search]);
  const change = useCallback(
    (changes: Partial<Values<Spec>>, options: { replace?: boolean } = {}) => {
      void navigate({
        to: ".",
        search: ((before: Record<string, unknown>) => writeParams(spec, before, changes)) as never,
        replace: options.replace ?? false,
        resetScroll: false,
      });
    },
    [navigate, spec],
  );
  return [values, change] as const;
}
