import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { formatNumber, NO_VALUE } from "@/shared/format";
import type { Provenance } from "@/shared/PageHeader";
import { Panel } from "@/shared/Panel";
import { Loaded } from "@/shared/states/Loaded";
import { useUrlState } from "@/shared/url_state";
import { ADDRESS } from "../address";
import { marksOf } from "../attention";
import { useAttentionLimits } from "../attention_limits";
import { type Alternative, standardsOf } from "../detail/alternatives";
import { ItemDetail } from "../detail/ItemDetail";
import { useNewModel } from "../new_model";
import classes from "../predict.module.css";
import { attributesQuery, itemQuery, type Subject, standardsQuery } from "../queries";
import { useAttributeName } from "../words";
import { AttributeForm } from "./AttributeForm";
import { type Attributes, changedAttributes, type Draft, keepDraft, keptDraft } from "./draft";
import { NewItemExport } from "./NewItemExport";

/** An item that is not in the ERP, predicted from what a planner says of it. */
export function NewItem({ onProvenance }: { onProvenance: (provenance: Provenance | null) => void }) {
  const { t } = useTranslation("predict");
  const [, change] = useUrlState(ADDRESS);
  const attributes = useQuery(attributesQuery);
  const [draft, setDraft] = useState<Draft>(keptDraft);
  const [isKept, setKept] = useState(true);
  useEffect(() => setKept(keepDraft(draft)), [draft]);
  const predict = (asked: Attributes) => {
    setDraft({ ...draft, asked });
    change({ candidate: "1", against: "", tab: draft.copiedFrom ? "compare" : "evidence" }, { replace: true });
  };
  return (
    <div className={classes.page}>
      <Panel title={t("newItem.title")} caption={t("newItem.caption")}>
        <Loaded query={attributes} height={320}>
          {({ attributes: known }) => (
            <AttributeForm draft={draft} attributes={known} isKept={isKept} onChange={setDraft} onPredict={predict} />
          )}
        </Loaded>
      </Panel>
      {draft.asked && <Predicted draft={draft} asked={draft.asked} onProvenance={onProvenance} />}
    </div>
  );
}

interface PredictedProps {
  draft: Draft;
  asked: Attributes;
  onProvenance: (provenance: Provenance | null) => void;
}

function Predicted({ draft, asked, onProvenance }: PredictedProps) {
  const { copiedFrom, quantity } = draft;
  const [limits] = useAttentionLimits();
  const subject = useMemo<Subject>(() => ({ code: null, attributes: asked }), [asked]);
  const query = useQuery(itemQuery(subject, quantity));
  const prediction = query.data?.predictions[0];
  const alternatives = useCopied(copiedFrom?.code ?? null, prediction?.quantity ?? null);
  const version = query.data?.model_version;
  useNewModel(
    useMemo(() => (version === undefined ? undefined : [version]), [version]),
    query.dataUpdatedAt,
  );
  const { data, dataUpdatedAt: at } = query;
  useEffect(() => {
    const computedAt = new Date(at).toISOString();
    onProvenance(data ? { computedAt, modelVersion: data.model_version, dataCutoff: data.data_cutoff } : null);
    return () => onProvenance(null);
  }, [data, at, onProvenance]);
  return (
    <>
      {copiedFrom && <Changed before={copiedFrom.attributes} now={asked} code={copiedFrom.code} />}
      {prediction && prediction.candidates.length > 0 && <NewItemExport subject={subject} prediction={prediction} />}
      <ItemDetail
        key={JSON.stringify(asked)}
        subject={subject}
        quantity={quantity}
        standards={null}
        standardsAreKnown={true}
        marks={prediction ? marksOf(prediction, null, limits) : []}
        alternatives={alternatives}
      />
    </>
  );
}

/** What the copied item's routing is: as the model proposes it now, and as the ERP has it. */
function useCopied(code: string | null, quantity: number | null): Alternative[] {
  const copied = itemQuery({ code: code ?? "", attributes: null }, quantity); // for the same lot, which times depend on
  const proposed = useQuery({ ...copied, enabled: code !== null && quantity !== null });
  const standards = useQuery({ ...standardsQuery(code === null ? [] : [code]), enabled: code !== null });
  return useMemo(() => {
    if (code === null) return [];
    const operations = proposed.data?.predictions[0]?.candidates[0]?.operations;
    const copied: Alternative[] = operations ? [{ key: "copied", kind: "copied", item: code, operations }] : [];
    return [...copied, ...standardsOf(standards.data?.rows[0] ?? null, code)];
  }, [code, proposed.data, standards.data]);
}

function Changed({ before, now, code }: { before: Attributes; now: Attributes; code: string }) {
  const { t } = useTranslation("predict");
  const nameOf = useAttributeName();
  const changes = changedAttributes(before, now);
  const write = (value: string | number | null) =>
    value === null ? NO_VALUE : typeof value === "number" ? formatNumber(value, 3) : value;
  return (
    <div>
      {t(changes.length === 0 ? "newItem.unchanged" : "newItem.changed", { item: code })}{" "}
      <ul className={classes.tags}>
        {changes.map((one) => (
          <li key={one.name} className={classes.tag}>
            {nameOf(one.name)}: {write(one.before)} → {write(one.now)}
          </li>
        ))}
      </ul>
    </div>
  );
}
