import { useDocumentVisibility } from "@mantine/hooks";
import { useEffect, useState } from "react";
import { Lease } from "@/shared/lease";
import { type Entry, eventsAddress, type Wanted } from "./queries";

/** `elsewhere`: another tab of this browser follows; a browser has few connections, so one tab holds a stream. */
export type Following = "off" | "connecting" | "live" | "lost" | "elsewhere";

const LOOK_MS = 1_000;
const RETRY_MS = 4_000;

/** New entries of a log, newest first, from `after` on, while `on` and while the page is in view. */
export function useFollow(wanted: Wanted, after: string | null | undefined, on: boolean) {
  const [entries, setEntries] = useState<readonly Entry[]>([]);
  const [state, setState] = useState<Following>("off");
  const inView = useDocumentVisibility() === "visible";
  const active = on && inView && after !== undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: other filters or another page begin anew
  useEffect(() => setEntries([]), [wanted, after]);
  useEffect(() => {
    if (!active) return setState("off");
    return follow(wanted, after ?? null, {
      onEntries: (found) => setEntries((known) => merge(found, known)),
      onState: setState,
    });
  }, [wanted, after, active]);
  return { entries, state };
}

interface Told {
  /** Newest first. */
  onEntries: (entries: Entry[]) => void;
  onState: (state: Following) => void;
}

/** A stream that begins anew tells entries again; each is kept once. */
export function merge(found: readonly Entry[], known: readonly Entry[]): readonly Entry[] {
  const ids = new Set(known.map((entry) => entry.id));
  return [...found.filter((entry) => !ids.has(entry.id)), ...known];
}

/** Hold the stream where no other tab does; returns what ends it. */
function follow(wanted: Wanted, after: string | null, told: Told): () => void {
  const lease = new Lease("logs");
  let stream: EventSource | null = null;
  let position = after;
  let retryAt = 0;
  let waiting: Entry[] = [];
  let frame = 0;
  const flush = () => {
    frame = 0;
    told.onEntries(waiting);
    waiting = [];
  };
  const close = () => {
    stream?.close();
    stream = null;
  };
  const open = () => {
    told.onState("connecting");
    const opened = new EventSource(eventsAddress(wanted, position));
    stream = opened;
    opened.onopen = () => told.onState("live");
    opened.addEventListener("entry", (event: MessageEvent<string>) => {
      position = event.lastEventId;
      waiting.unshift(JSON.parse(event.data));
      frame ||= requestAnimationFrame(flush); // many at once are drawn once
    });
    opened.onerror = () => {
      if (opened.readyState === EventSource.CLOSED) close();
      retryAt = Date.now() + RETRY_MS;
      told.onState("lost");
    };
  };
  const look = () => {
    if (!lease.hold()) {
      close();
      told.onState("elsewhere");
    } else if (!stream && Date.now() >= retryAt) open();
  };
  const letGo = () => {
    close();
    lease.release();
  };
  const timer = window.setInterval(look, LOOK_MS);
  window.addEventListener("pagehide", letGo);
  look();
  return () => {
    window.clearInterval(timer);
    window.removeEventListener("pagehide", letGo);
    cancelAnimationFrame(frame);
    letGo();
  };
}
