import { TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { answer, api, type Schemas } from "@/api/client";
import { meQuery } from "@/api/who";
import { formatNumber } from "@/shared/format";
import { Icon } from "@/shared/icons";
import { RoleButton } from "@/shared/RoleButton";
import { StateWord } from "@/shared/StateWord";
import { ErrorState } from "@/shared/states/ErrorState";
import { incomplete, type Step, sameRouting } from "../edit/steps";
import classes from "../predict.module.css";
import type { Subject } from "../queries";
import { type Prediction, plainOperation } from "../routing";

interface Props {
  subject: Subject;
  prediction: Prediction;
  modelVersion: string;
  steps: readonly Step[];
  /** Whether the planner has changed something, rather than chosen another candidate. */
  isEdited: boolean;
  /** Called once a routing is kept that is another than the one proposed first. */
  onKeptOther: () => void;
}

const STORED_PLANNER = "routing-ml-planner";

/** Take the shown routing: accepted where it is the first candidate as proposed, else kept as edited. */
export function DecisionForm({ subject, prediction, modelVersion, steps, isEdited, onKeptOther }: Props) {
  const { t } = useTranslation("predict");
  const [planner, setPlanner] = useState(() => localStorage.getItem(STORED_PLANNER) ?? "");
  const isNamed = useQuery(meQuery).data?.how === "session"; // the server knows who decides
  const [note, setNote] = useState("");
  const queries = useQueryClient();
  const proposed = prediction.candidates[0]?.operations ?? [];
  const decision = sameRouting(proposed, steps) ? "accepted" : "edited";
  const lacking = incomplete(steps);
  const send = useMutation({
    mutationFn: (body: Schemas["FeedbackRequest"]) => answer(api.POST("/api/feedback", { body })),
    onSuccess: (kept) => {
      if (!isNamed) localStorage.setItem(STORED_PLANNER, planner.trim());
      setNote("");
      if (kept.decision === "edited" && !isEdited) onKeptOther();
      notifications.show({
        message: t(`decide.kept.${kept.decision}`, { item: kept.item_code ?? t("detail.newItem") }),
      });
      return queries.invalidateQueries({ queryKey: ["feedback"] });
    },
  });
  const decide = () =>
    send.mutate({
      item_code: subject.code,
      attributes: subject.attributes,
      quantity: prediction.quantity,
      model_version: modelVersion,
      decision,
      proposed: proposed.map(plainOperation),
      decided: steps.map(plainOperation),
      planner: (!isNamed && planner.trim()) || null,
      note: note.trim() || null,
    });
  return (
    <>
      <form
        className={classes.decision}
        aria-label={t("decide.title")}
        onSubmit={(event) => {
          event.preventDefault();
          decide();
        }}
      >
        {!isNamed && (
          <TextInput
            size="xs"
            label={t("decide.planner")}
            value={planner}
            onChange={(event) => setPlanner(event.currentTarget.value)}
            maxLength={120}
            autoComplete="name"
          />
        )}
        <TextInput
          size="xs"
          label={t("decide.note")}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
          maxLength={2000}
          autoComplete="off"
        />
        <RoleButton
          needs="planner"
          type="submit"
          size="xs"
          leftSection={<Icon name="check" size={15} />}
          loading={send.isPending}
          disabled={steps.length === 0 || lacking.length > 0}
        >
          {t(decision === "edited" && !isEdited ? "decide.other" : `decide.${decision}`)}
        </RoleButton>
      </form>
      {lacking.length > 0 && (
        <StateWord tone="warning">
          {t("decide.incomplete", { places: lacking.map((place) => formatNumber(place + 1)).join(", ") })}
        </StateWord>
      )}
      {steps.length === 0 && <StateWord tone="warning">{t("decide.empty")}</StateWord>}
      {send.error && <ErrorState error={send.error} retry={decide} />}
    </>
  );
}
