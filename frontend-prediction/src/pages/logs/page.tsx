import { Button, Group } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Shortcut, useShortcuts } from "@/shared/keys";
import { PageHeader } from "@/shared/PageHeader";
import { EmptyState } from "@/shared/states/EmptyState";
import { ErrorState } from "@/shared/states/ErrorState";
import { Loading } from "@/shared/states/Loading";
import { useUrlState } from "@/shared/url_state";
import { ADDRESS } from "./address";
import { Download } from "./Download";
import { EntryList } from "./EntryList";
import { Filters } from "./Filters";
import { FollowBar } from "./FollowBar";
import { type Entry, logQuery, type Wanted } from "./queries";
import { useFollow } from "./use_follow";

export default function LogsPage() {
  const { t } = useTranslation(["logs", "frame"]);
  const [address, change] = useUrlState(ADDRESS);
  const wanted: Wanted = address;
  return (
    <>
      <PageHeader title={t("pages.logs", { ns: "frame" })}>
        <Download source={wanted.source} />
      </PageHeader>
      <Filters wanted={wanted} onChange={change} />
      <Entries key={JSON.stringify(wanted)} wanted={wanted} />
    </>
  );
}

/** The entries of one choice of filters; another choice begins anew. */
function Entries({ wanted }: { wanted: Wanted }) {
  const { t } = useTranslation("logs");
  const query = useInfiniteQuery(logQuery(wanted));
  const canFollow = wanted.until === "";
  const [paused, setPaused] = useState(false);
  const { entries: newer, state } = useFollow(wanted, query.data?.pages[0]?.follow_from, canFollow);
  const [seen, setSeen] = useState<readonly Entry[]>([]);
  const shownNewer = paused ? seen : newer;
  const pause = useCallback(
    (next: boolean) => {
      if (next) setSeen(newer); // what comes now waits until the reader wants it
      setPaused(next);
    },
    [newer],
  );
  useShortcuts(useFollowKey(canFollow, paused, pause));
  const older = useMemo(() => query.data?.pages.flatMap((page) => page.entries) ?? [], [query.data]);
  const shown = useMemo(() => [...shownNewer, ...older], [shownNewer, older]);

  if (query.data === undefined) {
    return query.error ? (
      <ErrorState error={query.error} retry={() => void query.refetch()} />
    ) : (
      <Loading height={480} />
    );
  }
  const last = query.data.pages.at(-1);
  return (
    <>
      <FollowBar
        canFollow={canFollow}
        paused={paused}
        state={state}
        held={newer.length - shownNewer.length}
        onPause={pause}
      />
      {shown.length === 0 && !query.hasNextPage ? (
        <EmptyState why={t("none")} remedy={t("noneRemedy")} />
      ) : (
        <EntryList
          entries={shown}
          paused={paused || !canFollow}
          onLeaveTop={() => canFollow && !paused && pause(true)}
        />
      )}
      {query.error && <ErrorState error={query.error} retry={() => void query.fetchNextPage()} />}
      {query.hasNextPage && (
        <Group mt="sm">
          <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {t(last?.ended_by === "searched_enough" ? "searchOn" : "older")}
          </Button>
        </Group>
      )}
    </>
  );
}

function useFollowKey(canFollow: boolean, paused: boolean, pause: (next: boolean) => void): Shortcut[] {
  const { t } = useTranslation("logs");
  return useMemo(
    () => (canFollow ? [{ code: "KeyF", label: t("followKey"), run: () => pause(!paused) }] : []),
    [canFollow, paused, pause, t],
  );
}
