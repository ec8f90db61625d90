import { isActive, type Job } from "@/shared/jobs";
import { Lease } from "@/shared/lease";
import { LogLines, linesBehind } from "./log_lines";

const LOOK_MS = 1_000;
const RETRY_MS = 4_000;

/** `lost`: the stream broke and is being tried again; until then the job is asked for by itself. */
export type FeedState = "connecting" | "live" | "lost";

export interface Told {
  lines: readonly string[];
  state: FeedState;
}

type Message =
  | { kind: "lines"; first: number; lines: string[] }
  | { kind: "job"; job: Job }
  | { kind: "state"; state: FeedState }
  | { kind: "ask"; from: number };

/**
 * Follows one job. Of all tabs that show it one holds the stream open and tells the others, so that many tabs do not use
 * up the browser's six connections. A stream that begins anew tells the log from its start; lines known already are skipped.
 */
export class JobFeed {
  private readonly log = new LogLines();
  private readonly lease: Lease;
  private readonly listeners = new Set<() => void>();
  private told: Told = { lines: [], state: "connecting" };
  private channel: BroadcastChannel | null = null;
  private stream: EventSource | null = null;
  private timer = 0;
  private frame = 0;
  private retryAt = 0;
  private done = false;

  constructor(
    private readonly jobId: string,
    private readonly onJob: (job: Job) => void,
  ) {
    this.lease = new Lease(`job:${jobId}`);
  }

  readonly subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): Told => this.told;

  start(): void {
    this.channel = new BroadcastChannel(`routing-ml-job:${this.jobId}`);
    this.channel.onmessage = (event: MessageEvent<Message>) => this.hear(event.data);
    this.tell({ kind: "ask", from: this.log.count });
    this.timer = window.setInterval(this.look, LOOK_MS);
    window.addEventListener("pagehide", this.letGo);
    this.look();
  }

  stop(): void {
    window.clearInterval(this.timer);
    window.removeEventListener("pagehide", this.letGo);
    this.letGo();
    this.channel?.close();
    this.channel = null;
  }

  /** Hold the stream where no other tab does. */
  private readonly look = (): void => {
    if (this.done) return;
    if (!this.lease.hold()) this.closeStream();
    else if (!this.stream && Date.now() >= this.retryAt) this.openStream();
  };

  private readonly letGo = (): void => {
    this.closeStream();
    this.lease.release();
  };

  private openStream(): void {
    const stream = new EventSource(`/api/training/jobs/${encodeURIComponent(this.jobId)}/events`);
    this.stream = stream;
    stream.onopen = () => this.pass({ kind: "state", state: "live" });
    stream.addEventListener("log", (event: MessageEvent<string>) => {
      const line: { line: string } = JSON.parse(event.data);
      this.pass({ kind: "lines", first: linesBehind(event.lastEventId) - 1, lines: [line.line] });
    });
    stream.addEventListener("status", (event: MessageEvent<string>) =>
      this.pass({ kind: "job", job: JSON.parse(event.data) }),
    );
    stream.onerror = () => {
      if (stream.readyState === EventSource.CLOSED) this.closeStream(); // an answer that is no stream: try again later
      this.retryAt = Date.now() + RETRY_MS;
      this.pass({ kind: "state", state: "lost" });
    };
  }

  private closeStream(): void {
    this.stream?.close();
    this.stream = null;
  }

  /** Take what the own stream said and hand it on. */
  private pass(message: Message): void {
    this.hear(message);
    this.tell(message);
  }

  private tell(message: Message): void {
    this.channel?.postMessage(message);
  }

  private hear(message: Message): void {
    if (message.kind === "ask") this.replay(message.from);
    else if (message.kind === "state") this.show(message.state);
    else if (message.kind === "job") this.take(message.job);
    else if (this.log.add(message.first, message.lines)) this.showSoon();
    else this.tell({ kind: "ask", from: this.log.count });
  }

  private replay(from: number): void {
    if (!this.stream) return;
    this.tell({ kind: "lines", first: from, lines: this.log.from(from) });
    this.tell({ kind: "state", state: this.told.state });
  }

  private take(job: Job): void {
    this.onJob(job);
    if (isActive(job)) return;
    this.done = true; // the stream tells the end last
    this.letGo();
  }

  /** A replay of thousands of lines is drawn once, not line by line. */
  private showSoon(): void {
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.show(this.told.state);
    });
  }

  private show(state: FeedState): void {
    this.told = { lines: this.log.from(0), state };
    for (const listener of this.listeners) listener();
  }
}
