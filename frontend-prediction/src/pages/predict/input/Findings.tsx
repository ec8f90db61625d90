import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { formatNumber } from "@/shared/format";
import { StateWord } from "@/shared/StateWord";
import type { ParsedCodes } from "./codes";
import type { FileState } from "./use_file";

const MOST_NAMED = 3;

/** What was found in the text or file, and what was left out of it. */
export function Findings({ parsed, file, isFull }: { parsed: ParsedCodes; file: FileState; isFull: boolean }) {
  const { t } = useTranslation("predict");
  const { codes, duplicates, refused } = parsed;
  const named = refused.slice(0, MOST_NAMED).map(shortened).join(", ");
  return (
    <div role="status">
      {file.kind === "read" && (
        <Text fz="sm">
          {t(file.title === null ? "input.fileFirstColumn" : "input.fileColumn", {
            name: file.name,
            column: file.title ?? "",
          })}
        </Text>
      )}
      {file.kind === "failed" && (
        <StateWord tone="bad">{t(`input.fileFailed.${file.reason}`, { name: file.name })}</StateWord>
      )}
      {codes.length > 0 && (
        <Text fz="sm">{t("input.found", { count: codes.length, number: formatNumber(codes.length) })}</Text>
      )}
      {duplicates > 0 && (
        <Text fz="sm">{t("input.duplicates", { count: duplicates, number: formatNumber(duplicates) })}</Text>
      )}
      {refused.length > 0 && (
        <StateWord tone="warning">
          {t("input.refused", { count: refused.length, number: formatNumber(refused.length), named })}
        </StateWord>
      )}
      {isFull && <StateWord tone="bad">{t("storageFull")}</StateWord>}
    </div>
  );
}

function shortened(code: string): string {
  const letters = [...code];
  return letters.length > 20 ? `${letters.slice(0, 20).join("")}…` : code;
}
