import { Button, Group, Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { StateWord, type Tone } from "@/shared/StateWord";
import type { Following } from "./use_follow";

interface Props {
  /** A log that is cut off at a moment has nothing new. */
  canFollow: boolean;
  paused: boolean;
  state: Following;
  /** New entries that wait while paused. */
  held: number;
  onPause: (next: boolean) => void;
}

const TONES: Record<Following, Tone> = {
  off: "neutral",
  connecting: "neutral",
  live: "good",
  lost: "warning",
  elsewhere: "neutral",
};

/** Whether new entries are shown as they come. */
export function FollowBar({ canFollow, paused, state, held, onPause }: Props) {
  const { t } = useTranslation("logs");
  if (!canFollow) {
    return (
      <Text c="dimmed" mb="xs">
        {t("cutOff")}
      </Text>
    );
  }
  return (
    <Group gap="sm" mb="xs">
      <Button size="compact-sm" variant="default" aria-keyshortcuts="f" onClick={() => onPause(!paused)}>
        {t(paused ? "follow" : "pause")}
      </Button>
      <StateWord tone={paused ? "neutral" : TONES[state]}>{t(paused ? "state.paused" : `state.${state}`)}</StateWord>
      {held > 0 && (
        <Button size="compact-sm" variant="default" onClick={() => onPause(false)}>
          {t("held", { count: held })}
        </Button>
      )}
    </Group>
  );
}
