import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { formatMoment, formatNumber } from "@/shared/format";
import { StateWord } from "@/shared/StateWord";
import { EmptyState } from "@/shared/states/EmptyState";
import { Loaded } from "@/shared/states/Loaded";
import classes from "../predict.module.css";
import { decisionsQuery } from "../queries";

type Decision = Schemas["FeedbackView"];
type Change = Decision["changes"][number];

const MOST_SHOWN = 20;

/** What planners have decided about an item, newest first. */
export function DecisionHistory({ code }: { code: string | null }) {
  const { t } = useTranslation("predict");
  const query = useQuery({ ...decisionsQuery(code ?? "", MOST_SHOWN), enabled: code !== null });
  if (code === null) return <EmptyState why={t("history.noCode")} />;
  const empty = {
    when: (data: Schemas["FeedbackList"]) => data.feedback.length === 0,
    show: <EmptyState why={t("history.empty")} remedy={t("history.emptyRemedy")} />,
  };
  return (
    <Loaded query={query} height={120} empty={empty}>
      {({ feedback }) => (
        <ol className={classes.history}>
          {feedback.map((decision) => (
            <li key={decision.feedback_id}>
              <OneDecision decision={decision} />
            </li>
          ))}
        </ol>
      )}
    </Loaded>
  );
}

function OneDecision({ decision }: { decision: Decision }) {
  const { t } = useTranslation("predict");
  return (
    <>
      <span className={classes.words}>
        <StateWord tone="good">{t(`decision.${decision.decision}`)}</StateWord>
        <span>{formatMoment(decision.created_at)}</span>
        <span>{decision.planner ?? t("history.nobody")}</span>
        <Text span c="dimmed">
          {decision.model_version}
        </Text>
      </span>
      {decision.note && <Text>{decision.note}</Text>}
      {decision.changes.length > 0 && (
        <ul>
          {decision.changes.map((change) => (
            <li key={`${change.kind} ${change.proposed_place} ${change.decided_place}`}>
              <ChangeWords change={change} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function ChangeWords({ change }: { change: Change }) {
  const { t } = useTranslation("predict");
  const code = change.operation_code;
  const [from, to] = [change.proposed_place, change.decided_place].map((place) => formatNumber(place));
  if (change.kind === "added") return <>{t("history.added", { code, to })}</>;
  if (change.kind === "removed") return <>{t("history.removed", { code, from })}</>;
  if (change.kind === "moved") return <>{t("history.moved", { code, from, to })}</>;
  return (
    <>
      {code}: <FieldChanges fields={change.fields} />
    </>
  );
}

function FieldChanges({ fields }: { fields: Change["fields"] }) {
  const { t, i18n } = useTranslation("predict");
  const nameOf = (field: string) =>
    i18n.exists(`history.field.${field}`, { ns: "predict" }) ? t(`history.field.${field as "work_centre"}`) : field;
  const write = (value: string | number | boolean) =>
    typeof value === "number"
      ? formatNumber(value, 2)
      : typeof value === "boolean"
        ? t(value ? "inHouse" : "outsourced")
        : value;
  return (
    <>{(fields ?? []).map((one) => `${nameOf(one.field)} ${write(one.proposed)} → ${write(one.decided)}`).join(", ")}</>
  );
}
