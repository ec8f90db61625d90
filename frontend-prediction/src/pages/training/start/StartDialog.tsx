import { Button, Group, Modal, Radio, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { SampleFields } from "./SampleFields";
import { StartProblem } from "./StartProblem";
import { AS_CONFIGURED, isWithin, KINDS, type Kind, LIMITS, startJob, type Wanted } from "./wanted";

interface Props {
  /** What the dialog begins with. */
  initial?: Wanted;
  /** Parameters of the job that is run again which cannot be asked for. */
  leftOut?: readonly string[];
  onClose: () => void;
}

/** Asks for a job and leads to it. Render it while it is open. */
export function StartDialog({ initial = AS_CONFIGURED, leftOut = [], onClose }: Props) {
  const { t } = useTranslation(["training", "words", "shared"]);
  const [wanted, setWanted] = useState(initial);
  const starting = useStart(onClose);
  const valid = isWithin(wanted.sampleSize, LIMITS.sampleSize) && isWithin(wanted.seed, LIMITS.seed);
  const change = (changes: Partial<Wanted>) => {
    starting.reset();
    setWanted({ ...wanted, ...changes });
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={t("start.title")}
      closeButtonProps={{ "aria-label": t("confirm.close", { ns: "shared" }) }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (valid && !starting.isPending) starting.mutate(wanted);
        }}
      >
        <Stack>
          <Radio.Group label={t("start.kind")} value={wanted.kind} onChange={(kind) => change({ kind: kind as Kind })}>
            <Stack gap="xs" mt="xs">
              {KINDS.map((kind) => (
                <Radio
                  key={kind}
                  value={kind}
                  label={t(`jobKind.${kind}`, { ns: "words" })}
                  description={t(`start.about.${kind}`)}
                />
              ))}
            </Stack>
          </Radio.Group>
          {wanted.kind !== "refresh" && <SampleFields wanted={wanted} onChange={change} />}
          {leftOut.length > 0 && <Text c="dimmed">{t("start.leftOut", { names: leftOut.join(", ") })}</Text>}
          {starting.error && <StartProblem error={starting.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t("confirm.cancel", { ns: "shared" })}
            </Button>
            <Button type="submit" disabled={!valid} loading={starting.isPending}>
              {t("start.action")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function useStart(onStarted: () => void) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: startJob,
    onSuccess: ({ job_id }) => {
      void queries.invalidateQueries({ queryKey: ["jobs"] });
      onStarted();
      void navigate({ to: `/training/${job_id}` });
    },
  });
}
