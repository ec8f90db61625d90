const EXPIRES_MS = 3_500;

/**
 * A right that one tab of a browser has at a time, such as holding a stream open: HTTP/1.1 allows six connections for all
 * tabs together. It is kept in localStorage, because navigator.locks exists on HTTPS alone, and must be renewed by calling
 * `hold` every second; that of a tab that died expires.
 */
export class Lease {
  private readonly key: string;
  private readonly owner = Math.random().toString(36).slice(2);

  constructor(name: string) {
    this.key = `routing-ml-lease:${name}`;
  }

  /** Take or renew the right; false while another tab has it. */
  hold(now = Date.now()): boolean {
    const held = this.read();
    if (held && held.owner !== this.owner && now - held.at < EXPIRES_MS && held.at <= now) return false;
    localStorage.setItem(this.key, JSON.stringify({ owner: this.owner, at: now }));
    return true;
  }

  release(): void {
    if (this.read()?.owner === this.owner) localStorage.removeItem(this.key);
  }

  private read(): { owner: string; at: number } | null {
    const text = localStorage.getItem(this.key);
    return text === null ? null : JSON.parse(text);
  }
}
