import { useTranslation } from "react-i18next";
import { StateWord, type Tone } from "@/shared/StateWord";
import type { Prediction } from "../routing";

const TONES: Record<Prediction["status"], Tone> = {
  ok: "good",
  low_evidence: "warning",
  stale: "warning",
  not_found: "bad",
  source_unavailable: "bad",
  invalid: "bad",
};

/** How an item fared, in words. */
export function ItemStatus({ status }: { status: Prediction["status"] }) {
  const { t } = useTranslation("predict");
  return <StateWord tone={TONES[status]}>{t(`status.${status}`)}</StateWord>;
}
