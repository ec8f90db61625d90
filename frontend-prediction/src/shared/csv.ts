/** A cell of a table that is written to a file. */
export type Cell = string | number | boolean | null | undefined;

const BYTE_ORDER_MARK = "\uFEFF"; // without it Excel reads Korean as CP949
const PLAIN_NUMBER = /^[+-]?\d+([.,]\d+)*([eE][+-]?\d+)?$/;

/** Write rows as CSV (RFC 4180) that a spreadsheet opens as text: formulas are neutralised, -3 and 00123 stay. */
export function toCsv(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return BYTE_ORDER_MARK + [header, ...rows].map((row) => `${row.map(writeCell).join(",")}\r\n`).join("");
}

/** Write rows for the clipboard as a spreadsheet takes them: tabs between cells, which lose their own tabs and line ends. */
export function toTabs(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const line = (row: readonly Cell[]) => row.map((cell) => plainText(cell).replace(/[\t\r\n]+/g, " ")).join("\t");
  return [header, ...rows].map((row) => `${line(row)}\r\n`).join("");
}

/** Offer a text or a file that the server wrote as a file to save. */
export function saveFile(name: string, content: string | Blob, type = "text/csv;charset=utf-8"): void {
  const address = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type }));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}

function writeCell(cell: Cell): string {
  const text = plainText(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function plainText(cell: Cell): string {
  return cell === null || cell === undefined ? "" : typeof cell === "string" ? neutralise(cell) : String(cell);
}

/** A leading apostrophe makes a spreadsheet take the cell as text. */
function neutralise(text: string): string {
  return /^[=+\-@\t\r]/.test(text) && !PLAIN_NUMBER.test(text) ? `'${text}` : text;
}
