/** The login page's address, which knows where to go back to. */
export function loginAddress(from: string): string {
  return from === "/" ? "/login" : `/login?${new URLSearchParams({ from })}`;
}

/** Where to go after a login: an address of ours, never another site's. */
export function returnAddress(from: string | undefined): string {
  return from?.startsWith("/") && !/^\/[/\\]/.test(from) && !from.startsWith("/login") ? from : "/";
}
