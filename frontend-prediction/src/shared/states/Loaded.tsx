import { Stack } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ErrorState } from "./ErrorState";
import { Loading } from "./Loading";
import { StaleNotice } from "./StaleNotice";

interface Props<Data> {
  query: UseQueryResult<Data>;
  /** Height of what will be shown, so that nothing jumps: pixels. */
  height: number;
  /** Shown instead of `children` where this says so. */
  empty?: { when: (data: Data) => boolean; show: ReactNode };
  children: (data: NonNullable<Data>) => ReactNode;
}

/** What a query gave, in all its states: loading, error, old data beside an error, empty, data. */
export function Loaded<Data>({ query, height, empty, children }: Props<Data>) {
  const { data, error } = query;
  if (data === undefined) {
    if (error) return <ErrorState error={error} retry={() => void query.refetch()} />;
    return <Loading height={height} />;
  }
  const nothing = data === null || empty?.when(data);
  const shown = nothing ? (empty?.show ?? null) : children(data as NonNullable<Data>);
  if (!error) return shown;
  return (
    <Stack gap="sm">
      <StaleNotice error={error} since={query.dataUpdatedAt} retry={() => void query.refetch()} />
      {shown}
    </Stack>
  );
}
