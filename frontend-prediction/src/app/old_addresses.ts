/** Addresses of the interface before this one, as bookmarks still have them. */
const MOVED = new Map([
  ["quality-monitor", "/quality"],
  ["training-monitor", "/training"],
  ["training-settings", "/settings"],
  ["log-viewer", "/logs"],
]);

/** Where an old address leads now; null for any other. */
export function movedTo(hash: string): string | null {
  const name = /^#\/([a-z-]+)/.exec(hash)?.[1];
  return MOVED.get(name ?? "") ?? null;
}
