/* What must survive a reload and is too long for the address stands in the tab's session storage. */

const PREFIX = "routing-ml-";

/** Keep a value; false where the browser's storage is full, so that the page can say so. */
export function keep(name: string, value: unknown): boolean {
  try {
    sessionStorage.setItem(PREFIX + name, JSON.stringify(value));
    return true;
  } catch (error) {
    if (error instanceof DOMException) return false;
    throw error;
  }
}

export function forget(name: string): void {
  sessionStorage.removeItem(PREFIX + name);
}

/** Whether something is kept under one of these names. */
export function isAnyKept(names: readonly string[]): boolean {
  return names.some((name) => sessionStorage.getItem(PREFIX + name) !== null);
}

const forgetful = new Set<() => void>();

/** Have what a module keeps in memory beside the storage dropped with it. */
export function onForgetAll(drop: () => void): void {
  forgetful.add(drop);
}

/** Drop everything that was kept: whoever comes next to this tab is somebody else. */
export function forgetAll(): void {
  for (const name of Object.keys(sessionStorage)) if (name.startsWith(PREFIX)) sessionStorage.removeItem(name);
  for (const drop of forgetful) drop();
}

/** What was kept, where it still has the form that `isValid` knows. */
export function kept<Value>(name: string, isValid: (found: unknown) => found is Value): Value | null {
  const text = sessionStorage.getItem(PREFIX + name);
  if (text === null) return null;
  try {
    const found: unknown = JSON.parse(text);
    return isValid(found) ? found : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
