/* Reads the first sheet of an XLSX file with what browsers have: a ZIP archive of XML, deflated. */

export class NotAWorkbook extends Error {
  override name = "NotAWorkbook";
}

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const STORED = 0;
const DEFLATED = 8;
const LARGEST_PART = 200 * 1024 * 1024; // bytes when unpacked

/** The cells of the first sheet as text; numbers as the file has them, gaps as empty texts. */
export async function readWorkbook(bytes: Uint8Array): Promise<string[][]> {
  const parts = listParts(bytes);
  const sheet = await readPart(bytes, parts, await firstSheet(bytes, parts));
  if (!sheet) throw new NotAWorkbook("no sheet");
  const shared = await readPart(bytes, parts, "xl/sharedStrings.xml");
  const texts = shared ? elements(shared, "si").map(textOf) : [];
  return elements(sheet, "row").map((row) => readRow(row, texts));
}

interface Part {
  method: number;
  at: number;
  packed: number;
  unpacked: number;
}

/** Where the parts stand, out of the directory at the end of the archive. */
function listParts(bytes: Uint8Array): Map<string, Part> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = bytes.length - 22;
  while (end >= 0 && view.getUint32(end, true) !== END_OF_DIRECTORY) end--;
  if (end < 0) throw new NotAWorkbook("no directory");
  const parts = new Map<string, Part>();
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0 && at + 46 <= bytes.length; left--) {
    if (view.getUint32(at, true) !== DIRECTORY_ENTRY) throw new NotAWorkbook("broken directory");
    const [name, extra, comment] = [28, 30, 32].map((offset) => view.getUint16(at + offset, true)) as [
      number,
      number,
      number,
    ];
    parts.set(new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + name)), {
      method: view.getUint16(at + 10, true),
      packed: view.getUint32(at + 20, true),
      unpacked: view.getUint32(at + 24, true),
      at: view.getUint32(at + 42, true),
    });
    at += 46 + name + extra + comment;
  }
  return parts;
}

async function readPart(bytes: Uint8Array, parts: Map<string, Part>, name: string): Promise<Document | null> {
  const part = parts.get(name);
  if (!part) return null;
  if (part.unpacked > LARGEST_PART || part.at + 30 > bytes.length) throw new NotAWorkbook(name);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const begin = part.at + 30 + view.getUint16(part.at + 26, true) + view.getUint16(part.at + 28, true);
  const packed = bytes.slice(begin, begin + part.packed);
  const text = part.method === STORED ? new TextDecoder().decode(packed) : await inflate(packed, part.method);
  const document = new DOMParser().parseFromString(text, "application/xml");
  if (document.querySelector("parsererror")) throw new NotAWorkbook(name);
  return document;
}

async function inflate(packed: Uint8Array<ArrayBuffer>, method: number): Promise<string> {
  if (method !== DEFLATED) throw new NotAWorkbook(`packing method ${method}`);
  try {
    return await new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"))).text();
  } catch (error) {
    if (error instanceof TypeError) throw new NotAWorkbook("broken part"); // what a broken stream throws
    throw error;
  }
}

/** The first sheet in the order of the tabs, which may not be sheet1.xml. */
async function firstSheet(bytes: Uint8Array, parts: Map<string, Part>): Promise<string> {
  const workbook = await readPart(bytes, parts, "xl/workbook.xml");
  const relations = await readPart(bytes, parts, "xl/_rels/workbook.xml.rels");
  const sheet = workbook && elements(workbook, "sheet")[0];
  const id = sheet?.getAttribute("r:id");
  const target = relations && elements(relations, "Relationship").find((one) => one.getAttribute("Id") === id);
  const path = target?.getAttribute("Target") ?? "worksheets/sheet1.xml";
  return path.startsWith("/") ? path.slice(1) : `xl/${path}`;
}

function readRow(row: Element, texts: readonly string[]): string[] {
  const cells: string[] = [];
  for (const cell of elements(row, "c")) {
    const place = columnOf(cell.getAttribute("r")) ?? cells.length;
    while (cells.length < place) cells.push("");
    cells[place] = readCell(cell, texts);
  }
  return cells;
}

function readCell(cell: Element, texts: readonly string[]): string {
  const kind = cell.getAttribute("t");
  if (kind === "inlineStr") return textOf(cell);
  const value = elements(cell, "v")[0]?.textContent ?? "";
  return kind === "s" ? (texts[Number(value)] ?? "") : value;
}

/** All text of a cell, without the reading aids that Japanese Excel puts beside it. */
function textOf(element: Element): string {
  const parts = elements(element, "t").filter((part) => part.parentElement?.localName !== "rPh");
  return parts.map((part) => part.textContent ?? "").join("");
}

/** 27 of "AB12", counting from 0. */
function columnOf(reference: string | null): number | null {
  const letters = reference?.match(/^[A-Z]{1,3}/)?.[0];
  return letters ? [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1 : null;
}

function elements(within: Document | Element, name: string): Element[] {
  return [...within.getElementsByTagNameNS("*", name)];
}
