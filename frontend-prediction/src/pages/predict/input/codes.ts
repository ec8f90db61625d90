/** Item codes out of a text that somebody pasted or typed. */
export interface ParsedCodes {
  /** Each once, in the order in which they first came; zeros in front and spaces inside stay. */
  codes: string[];
  /** How many were left out because they came before. */
  duplicates: number;
  /** What no plant can have as a code: longer than 100 characters, or with broken characters in it. */
  refused: string[];
}

const LONGEST_CODE = 100;
const HALF_SURROGATE = /\p{Cs}/u;
const SEPARATORS = /[\t\r\n,]+/;

/** Split at tabs, line ends and commas, which is what Excel and people put between codes. */
export function parseCodes(text: string): ParsedCodes {
  return collectCodes(text.split(SEPARATORS));
}

/** Clean each cell as the backend does (composed Korean, no spaces around) and drop what came before. */
function collectCodes(cells: readonly string[]): ParsedCodes {
  const cleaned = cells.map(cleanCode).filter((code) => code !== "");
  const accepted = cleaned.filter(isPossible);
  const codes = [...new Set(accepted)];
  return { codes, duplicates: accepted.length - codes.length, refused: cleaned.filter((code) => !isPossible(code)) };
}

function cleanCode(cell: string): string {
  return cell
    .replaceAll("\uFEFF", "")
    .trim()
    .replace(/^"(.*)"$/, "$1")
    .trim()
    .normalize("NFC");
}

function isPossible(code: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these are refused by the backend
  return [...code].length <= LONGEST_CODE && !/[\u0000-\u001f\u007f]/.test(code) && !HALF_SURROGATE.test(code);
}
