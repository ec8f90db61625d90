import { useState } from "react";
import { codeColumn, decodeText, readTable } from "./table_text";
import { NotAWorkbook, readWorkbook } from "./workbook";

export type FileState =
  | { kind: "none" }
  | { kind: "read"; name: string; title: string | null }
  | { kind: "failed"; name: string; reason: "tooLarge" | "notAWorkbook" | "kind" | "empty" };

const LARGEST_FILE = 20 * 1024 * 1024; // bytes

/** Read codes out of a file that was dropped or chosen; `onCodes` gets the cells of its column of codes. */
export function useFile(onCodes: (cells: string[]) => void) {
  const [state, setState] = useState<FileState>({ kind: "none" });
  const read = async (file: File) => {
    const found = await cellsOf(file);
    if ("reason" in found) return setState({ kind: "failed", name: file.name, reason: found.reason });
    setState({ kind: "read", name: file.name, title: found.title });
    onCodes(found.cells);
  };
  return { state, read };
}

type Found = { cells: string[]; title: string | null } | { reason: "tooLarge" | "notAWorkbook" | "kind" | "empty" };

async function cellsOf(file: File): Promise<Found> {
  if (file.size > LARGEST_FILE) return { reason: "tooLarge" };
  if (!/\.(csv|tsv|txt|xlsx)$/i.test(file.name)) return { reason: "kind" };
  const bytes = new Uint8Array(await file.arrayBuffer());
  try {
    const rows = /\.xlsx$/i.test(file.name) ? await readWorkbook(bytes) : readTable(decodeText(bytes));
    const { cells, title } = codeColumn(rows);
    return cells.some((cell) => cell.trim() !== "") ? { cells, title } : { reason: "empty" };
  } catch (error) {
    if (error instanceof NotAWorkbook) return { reason: "notAWorkbook" };
    throw error;
  }
}
