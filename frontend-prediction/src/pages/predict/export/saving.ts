import type { TFunction } from "i18next";
import { answer, api, type Schemas } from "@/api/client";
import { saveFile, toTabs } from "@/shared/csv";
import { clipboardRows, inRequests, type Routing } from "./routings";

export type FileFormat = Schemas["ExportRequest"]["format"];

/** Let the backend write the files and offer them; several where one request cannot hold all. */
export async function saveRoutings(routings: readonly Routing[], format: FileFormat): Promise<void> {
  const requests = inRequests(routings);
  for (const [index, part] of requests.entries()) {
    const [name, file] = await fileOf(part, format);
    const numbered = requests.length > 1 ? name.replace(/(\.\w+)$/, `_${index + 1}$1`) : name;
    saveFile(numbered, file);
  }
}

async function fileOf(routings: readonly Routing[], format: FileFormat): Promise<[name: string, file: Blob]> {
  const body = { format, routings: [...routings] };
  let response: Response | null = null;
  const sent = api.POST("/api/predict/export", { body, parseAs: "blob" });
  const file = await answer(
    sent.then((outcome) => {
      response = outcome.response;
      return outcome;
    }),
  );
  const disposition = (response as Response | null)?.headers.get("Content-Disposition") ?? "";
  return [/filename="([^"]+)"/.exec(disposition)?.[1] ?? `routings.${format}`, file as unknown as Blob];
}

/** Copy routings as rows for a sheet; throws where the browser allows no copying. */
export async function copyRoutings(routings: readonly Routing[], t: TFunction<["predict", "shared"]>): Promise<void> {
  const header = [
    t("list.code"),
    t("operations.sequence"),
    t("operations.code"),
    t("operations.name"),
    t("operations.workCentre"),
    t("operations.inHouse"),
    `${t("operations.setup")} (${t("unit.minutes")})`,
    `${t("operations.run")} (${t("unit.perUnit")})`,
    `${t("operations.lot")} (${t("unit.minutes")})`,
  ];
  const rows = clipboardRows(routings, { inHouse: t("inHouse"), outsourced: t("outsourced") });
  await copyText(toTabs(header, rows));
}

/** The modern way needs HTTPS; plants often serve plain HTTP, where the old one still works. */
async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = document.createElement("textarea");
  field.value = text;
  (document.querySelector('[role="dialog"]') ?? document.body).append(field); // a dialog keeps the focus inside itself
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  if (!copied) throw new Error("the browser refused to copy");
}
