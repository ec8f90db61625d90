import { Stack, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { StateWord } from "@/shared/StateWord";
import { CheckList } from "./CheckList";
import type { Check } from "./checks";

interface Props {
  promoted: boolean;
  /** In the server's words. */
  reason: string;
  checks: readonly Check[];
}

/** Whether the gate let a version through, why, and each of its checks. */
export function Verdict({ promoted, reason, checks }: Props) {
  const { t } = useTranslation("gate");
  return (
    <Stack gap="sm">
      <div>
        <StateWord tone={promoted ? "good" : "neutral"}>{t(promoted ? "promoted" : "kept")}</StateWord>
        <Text lang="en">{reason}</Text>
      </div>
      {checks.length > 0 && <CheckList checks={checks} />}
    </Stack>
  );
}
