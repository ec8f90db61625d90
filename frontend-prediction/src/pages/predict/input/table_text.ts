/** Read a file of delimited text as rows of cells (RFC 4180 quoting; the separator is what the first line has most of). */
export function readTable(text: string): string[][] {
  const source = text.replace(/^\uFEFF/, "");
  const separator = separatorOf(source.split(/\r?\n/, 1)[0] ?? "");
  const rows: string[][] = [[]];
  let cell = "";
  let quoted = false;
  const endCell = () => {
    rows.at(-1)?.push(cell);
    cell = "";
  };
  for (let at = 0; at < source.length; at++) {
    const letter = source[at] as string;
    if (quoted) {
      if (letter !== '"') cell += letter;
      else if (source[at + 1] === '"') cell += source[at++];
      else quoted = false;
    } else if (letter === '"' && cell === "") quoted = true;
    else if (letter === separator) endCell();
    else if (letter === "\n") {
      endCell();
      rows.push([]);
    } else if (letter !== "\r") cell += letter;
  }
  endCell();
  return rows.filter((row) => row.some((one) => one.trim() !== ""));
}

function separatorOf(line: string): string {
  const count = (separator: string) => line.split(separator).length;
  return ["\t", ",", ";"].reduce((best, one) => (count(one) > count(best) ? one : best));
}

/** Text of a file: UTF-8, UTF-16 where it begins so, else the CP949 in which Korean Excel saves CSV. */
export function decodeText(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return new TextDecoder("euc-kr").decode(bytes); // what browsers call euc-kr is CP949
  }
}

/** The cells of the column of item codes, and which one that was. */
export interface CodeColumn {
  cells: string[];
  /** The title where a header names item codes, else null: the first column was taken. */
  title: string | null;
  columns: number;
}

const TITLES = new Set(["itemcd", "itemcode", "item", "품목코드", "품목", "품번", "itemno"]);

/** Pick the column whose header is a usual name of item codes; without one, the first. */
export function codeColumn(rows: readonly (readonly string[])[]): CodeColumn {
  const header = rows[0] ?? [];
  const named = header.findIndex((title) => TITLES.has(title.toLowerCase().replace(/[\s_.-]/g, "")));
  const place = Math.max(named, 0);
  const body = named === -1 ? rows : rows.slice(1);
  return {
    cells: body.map((row) => row[place] ?? ""),
    title: named === -1 ? null : (header[named] ?? null),
    columns: Math.max(0, ...rows.map((row) => row.length)),
  };
}
