import { infiniteQueryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "@/api/client";

export type Entry = Schemas["LogEntryView"];

export const SOURCES = ["app", "quality", "server"] as const;
export const LEVELS = ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] as const;

/** Which entries are wanted; what is "" asks for nothing. */
export interface Wanted {
  source: (typeof SOURCES)[number];
  level: (typeof LEVELS)[number] | "";
  text: string;
  since: string;
  until: string;
}

const PER_PAGE = 500;

/** Pages of a log from its newest entry back. */
export const logQuery = (wanted: Wanted) =>
  infiniteQueryOptions({
    queryKey: ["logs", wanted],
    queryFn: ({ signal, pageParam }) =>
      answer(api.GET("/api/logs", { params: { query: queryOf(wanted, pageParam) }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    staleTime: Number.POSITIVE_INFINITY, // what is newer comes by following
    refetchInterval: false,
  });

function queryOf({ source, level, text, since, until }: Wanted, before: string | null) {
  return {
    source,
    limit: PER_PAGE,
    text,
    ...(level && { level }),
    ...(since && { since }),
    ...(until && { until }),
    ...(before && { before }),
  };
}

/** The address of the stream that goes on where a page began. */
export function eventsAddress({ source, level, text }: Wanted, after: string | null): string {
  const query = new URLSearchParams({ source, text, ...(level && { level }), ...(after && { after }) });
  return `/api/logs/events?${query}`;
}
