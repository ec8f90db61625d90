/** A job's log lines in order, each once, whoever tells them and however often. */
export class LogLines {
  private readonly known: string[] = [];

  get count(): number {
    return this.known.length;
  }

  /** Add lines of which the first has this place (0 is the log's first); false where lines before it are missing. */
  add(first: number, lines: readonly string[]): boolean {
    if (first > this.known.length) return false;
    this.known.push(...lines.slice(this.known.length - first));
    return true;
  }

  from(place: number): string[] {
    return this.known.slice(place);
  }
}

/** How many log lines a client knows after the event with this id: "7.120" is 120. */
export function linesBehind(eventId: string): number {
  return Number(eventId.split(".")[1]);
}
