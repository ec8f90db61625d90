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
