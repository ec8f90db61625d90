import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Provenance } from "@/shared/PageHeader";
import { EmptyState } from "@/shared/states/EmptyState";
import { Loaded } from "@/shared/states/Loaded";
import { StaleNotice } from "@/shared/states/StaleNotice";
import { useUrlState } from "@/shared/url_state";
import { ADDRESS } from "./address";
import { useAttentionLimits } from "./attention_limits";
import { ItemDetail } from "./detail/ItemDetail";
import { useEdits } from "./edit/edits";
import { ArrivingNotice } from "./list/ArrivingNotice";
import { filterRows } from "./list/filters";
import { ItemList } from "./list/ItemList";
import { ListFilters } from "./list/ListFilters";
import { makeRows, marksByItem } from "./list/rows";
import { useNewModel } from "./new_model";
import classes from "./predict.module.css";
import { listQuery, newestDecisionsQuery, standardsQuery } from "./queries";

interface Props {
  codes: readonly string[];
  quantity: number | null;
  onProvenance: (provenance: Provenance | null) => void;
}

/** The predicted items, what of them needs attention, and the one that is open. */
export function Results({ codes, quantity, onProvenance }: Props) {
  const { t } = useTranslation("predict");
  const [address, change] = useUrlState(ADDRESS);
  const list = useQuery(listQuery(codes, quantity));
  const isWhole = list.data?.rows.length === codes.length;
  const standards = useQuery({ ...standardsQuery(codes), enabled: isWhole });
  const decisions = useQuery(newestDecisionsQuery(codes));
  const edits = useEdits();
  const [limits] = useAttentionLimits();
  const marks = useMemo(() => marksByItem(list.data, standards.data, limits), [list.data, standards.data, limits]);
  const rows = useMemo(
    () => makeRows({ answered: list.data, standards: standards.data, marks, decisions: decisions.data, edits }),
    [list.data, standards.data, marks, decisions.data, edits],
  );
  const shown = useMemo(() => filterRows(rows, address), [rows, address]);
  const open = rows.find((row) => row.code === address.item) ?? null;
  useNewModel(list.data?.modelVersions, list.dataUpdatedAt);
  useEffect(() => {
    onProvenance(list.data ? provenanceOf(list.data, list.dataUpdatedAt) : null);
    return () => onProvenance(null);
  }, [list.data, list.dataUpdatedAt, onProvenance]);

  return (
    <Loaded query={list} height={360}>
      {(answered) => (
        <div className={classes.results} data-open={open !== null}>
          <div className={classes.listSide}>
            <ArrivingNotice list={list} standards={standards} />
            <ListFilters
              rows={rows}
              shown={shown}
              compact={open !== null}
              routingCodes={standards.data ? "known" : standards.error ? "unknown" : "asked"}
            />
            {standards.error && (
              <StaleNotice
                error={standards.error}
                since={standards.dataUpdatedAt || list.dataUpdatedAt}
                retry={() => void standards.refetch()}
              />
            )}
            {shown.length > 0 ? (
              <ItemList rows={shown} compact={open !== null} />
            ) : (
              <EmptyState why={t("list.nothing")} remedy={t("list.nothingRemedy")} />
            )}
          </div>
          {open && (
            <ItemDetail
              key={open.code}
              subject={{ code: open.code, attributes: null }}
              quantity={quantity}
              first={{ prediction: open.prediction, modelVersion: answered.modelVersions.at(-1) ?? "" }}
              standards={open.standards}
              standardsAreKnown={standards.data !== undefined}
              marks={open.marks}
              onClose={() => change({ item: "", candidate: "1", against: "" })}
            />
          )}
        </div>
      )}
    </Loaded>
  );
}

function provenanceOf(data: { modelVersions: string[]; dataCutoff: string | null }, at: number): Provenance {
  return {
    computedAt: new Date(at).toISOString(),
    modelVersion: data.modelVersions.join(", "),
    dataCutoff: data.dataCutoff,
  };
}
