import type { Subject } from "../queries";

/** Under which name the edits of an item are kept; an item without a code goes by its attributes. */
export function editNameOf(subject: Subject): string {
  return subject.code ?? `\u0000${JSON.stringify(subject.attributes)}`;
}
