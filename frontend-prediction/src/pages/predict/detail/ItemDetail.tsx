import { ActionIcon, Group, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useId, useRef } from "react";
import { useTranslation } from "react-i18next";
import { formatMinutes, formatNumber } from "@/shared/format";
import { Icon } from "@/shared/icons";
import { StateWord } from "@/shared/StateWord";
import { ErrorState } from "@/shared/states/ErrorState";
import { Loading } from "@/shared/states/Loading";
import type { ItemStandards, Mark } from "../attention";
import { ItemStatus } from "../list/ItemStatus";
import classes from "../predict.module.css";
import { itemQuery, type Subject } from "../queries";
import type { Prediction } from "../routing";
import { useMarkWords } from "../words";
import type { Alternative } from "./alternatives";
import { ProposedRouting } from "./ProposedRouting";

interface Props {
  subject: Subject;
  quantity: number | null;
  /** What the list knows already: the first candidate, without evidence. */
  first?: { prediction: Prediction; modelVersion: string };
  standards: ItemStandards | null;
  standardsAreKnown: boolean;
  marks: Mark[];
  /** Further routings to compare with, before the ERP's. */
  alternatives?: readonly Alternative[];
  onClose?: () => void;
}

/** One item: its candidates, why they are proposed, and what the planner makes of them. */
export function ItemDetail({
  subject,
  quantity,
  first,
  standards,
  standardsAreKnown,
  marks,
  alternatives,
  onClose,
}: Props) {
  const { t } = useTranslation("predict");
  const query = useQuery(itemQuery(subject, quantity));
  const prediction = query.data?.predictions[0] ?? first?.prediction;
  const modelVersion = query.data?.model_version ?? first?.modelVersion ?? "";
  const title = useId();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    heading.current?.scrollIntoView({ block: "nearest" }); // newer browsers return a promise, which is no clean-up
  }, []);
  return (
    <section className={classes.detail} aria-labelledby={title}>
      <Group justify="space-between" align="flex-start" wrap="nowrap" className={classes.detailHead}>
        <div>
          <Title order={2} id={title} ref={heading}>
            {subject.code ?? t("detail.newItem")}
          </Title>
          {prediction && <Summary prediction={prediction} askedQuantity={quantity} />}
        </div>
        {onClose && (
          <ActionIcon variant="default" aria-label={t("detail.close")} title={t("detail.close")} onClick={onClose}>
            <Icon name="close" size={16} />
          </ActionIcon>
        )}
      </Group>
      <MarkList marks={marks} />
      {query.error && <ErrorState error={query.error} retry={() => void query.refetch()} />}
      {prediction && prediction.candidates.length > 0 && (
        <ProposedRouting
          subject={subject}
          prediction={prediction}
          modelVersion={modelVersion}
          isWhole={query.data !== undefined}
          standards={standards}
          standardsAreKnown={standardsAreKnown}
          alternatives={alternatives ?? []}
        />
      )}
      {!prediction && query.isPending && <Loading height={360} />}
      {prediction?.candidates.length === 0 && <Text>{t(`detail.unanswered.${unanswered(prediction.status)}`)}</Text>}
    </section>
  );
}

function unanswered(status: Prediction["status"]): "not_found" | "source_unavailable" | "invalid" {
  return status === "source_unavailable" || status === "invalid" ? status : "not_found";
}

const USUAL_LOT = /^no quantity was given/; // said in the reader's own language instead

function Summary({ prediction, askedQuantity }: { prediction: Prediction; askedQuantity: number | null }) {
  const { t } = useTranslation("predict");
  const { status, quantity, candidates } = prediction;
  const said = prediction.message.split("; ").filter((part) => part !== "" && !USUAL_LOT.test(part));
  const lot = formatNumber(quantity, 3);
  return (
    <>
      <Group gap="md">
        <ItemStatus status={status} />
        {candidates[0] && (
          <Text>{t(askedQuantity === null ? "detail.usualLot" : "detail.askedLot", { quantity: lot })}</Text>
        )}
        {candidates[0] && (
          <Text>{t("detail.proposedTotal", { minutes: formatMinutes(candidates[0].total_minutes) })}</Text>
        )}
      </Group>
      {said.map((part) => (
        <Text key={part} c="dimmed" fz="sm">
          {t("detail.serverSays")}: <span lang="en">{part}</span>
        </Text>
      ))}
    </>
  );
}

function MarkList({ marks }: { marks: Mark[] }) {
  const { t } = useTranslation("predict");
  const { full } = useMarkWords();
  if (marks.length === 0) return null;
  return (
    <ul className={classes.marks} aria-label={t("list.attention")}>
      {marks.map((mark) => (
        <li key={mark.kind}>
          <StateWord tone={mark.kind === "unanswered" ? "bad" : "warning"}>{full(mark)}</StateWord>
        </li>
      ))}
    </ul>
  );
}
