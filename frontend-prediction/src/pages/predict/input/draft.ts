import { forget, keep, kept } from "../session";

/** Codes that were typed or pasted and not yet predicted; they survive a reload of the tab. */
interface InputDraft {
  /** The predicted codes that it began with. */
  from: string;
  text: string;
  quantity: number | "invalid" | null;
}

const NAME = "input";

export function keptInput(codes: readonly string[]): InputDraft | null {
  const found = kept(NAME, isDraft);
  return found?.from === codes.join("\n") ? found : null;
}

/** A storage that is full loses a draft at a reload, no more: predicting says so itself. */
export function keepInput(codes: readonly string[], text: string, quantity: InputDraft["quantity"]): void {
  keep(NAME, { from: codes.join("\n"), text, quantity });
}

export function forgetInput(): void {
  forget(NAME);
}

function isDraft(found: unknown): found is InputDraft {
  return typeof found === "object" && found !== null && "from" in found && "text" in found && "quantity" in found;
}
