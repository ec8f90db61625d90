import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { formatFixed } from "@/shared/format";
import { StateWord } from "@/shared/StateWord";
import type { Column } from "@/shared/table/columns";
import { DataTable } from "@/shared/table/DataTable";
import { useUrlState } from "@/shared/url_state";
import { ADDRESS } from "../address";
import classes from "../predict.module.css";
import { useMarkWords } from "../words";
import { ItemStatus } from "./ItemStatus";
import type { ItemRow } from "./rows";

const ROWS_BESIDE_DETAIL = 18;

/** All items that the filters let through; beside an open item only what tells them apart. */
export function ItemList({ rows, compact }: { rows: readonly ItemRow[]; compact: boolean }) {
  const { t } = useTranslation("predict");
  const [address, change] = useUrlState(ADDRESS);
  const columns = useColumns(compact);
  return (
    <DataTable
      label={t("list.title")}
      rows={rows}
      columns={columns}
      rowKey={(row) => row.code}
      onOpen={(row) => change({ item: row.code, candidate: row.isEdited ? "edited" : "1", against: "" })}
      openKey={address.item}
      sorting={address.sort}
      onSort={(sort) => change({ sort }, { replace: true })}
      visibleRows={compact ? ROWS_BESIDE_DETAIL : 14}
      minWidth={compact ? 340 : 860}
    />
  );
}

function useColumns(compact: boolean): Column<ItemRow>[] {
  const { t } = useTranslation("predict");
  const { short, full } = useMarkWords();
  return useMemo(() => {
    const code: Column<ItemRow> = {
      key: "code",
      title: t("list.code"),
      width: compact ? "8.5rem" : "14rem",
      sortBy: (row) => row.code,
      show: (row) => (
        <span title={row.code}>
          {compact && <DecisionMark decision={row.decision} />}
          {row.code}
        </span>
      ),
    };
    const attention: Column<ItemRow> = {
      key: "attention",
      title: t("list.attention"),
      sortBy: (row) => -row.marks.length,
      show: (row) =>
        row.marks.length > 0 && (
          <span title={row.marks.map(full).join("\n")}>
            <StateWord tone={row.marks[0]?.kind === "unanswered" ? "bad" : "warning"}>
              {row.marks.map(short).join(" · ")}
            </StateWord>
          </span>
        ),
    };
    const probability = numeric("probability", t("list.probability"), "%", "6.5rem", (row) => percent(row.probability));
    const minutes = numeric("minutes", t("list.minutes"), t("unit.minutes"), "7.5rem", (row) => row.minutes, 1);
    if (compact) return [code, attention, { ...minutes, width: "6.25rem" }];
    return [
      code,
      {
        key: "status",
        title: t("list.status"),
        width: "11rem",
        sortBy: (row) => row.prediction.status,
        show: (row) => <ItemStatus status={row.prediction.status} />,
      },
      probability,
      numeric("operations", t("list.operations"), t("unit.operations"), "7rem", (row) => row.operations),
      minutes,
      {
        key: "decision",
        title: t("list.decision"),
        width: "8rem",
        sortBy: (row) => row.decision,
        show: (row) => (
          <span className={classes.words}>
            {row.decision && <StateWord tone="good">{t(`decision.${row.decision}`)}</StateWord>}
            {row.isEdited && <StateWord tone="neutral">{t("list.edited")}</StateWord>}
          </span>
        ),
      },
      attention,
    ];
  }, [t, compact, short, full]);
}

/** A tick before the code of an item that a planner has dealt with. */
function DecisionMark({ decision }: { decision: ItemRow["decision"] }) {
  const { t } = useTranslation("predict");
  if (!decision) return null;
  return (
    <svg className={classes.decided} viewBox="0 0 24 24" width="14" height="14" role="img">
      <title>{t(`decision.${decision}`)}</title>
      <path d="M5 12l5 5 9-10" fill="none" stroke="currentColor" strokeWidth="2.2" />
    </svg>
  );
}

function percent(share: number | null): number | null {
  return share === null ? null : 100 * share;
}

function numeric(
  key: string,
  title: string,
  unit: string,
  width: string,
  value: (row: ItemRow) => number | null,
  digits = 0,
): Column<ItemRow> {
  return { key, title, unit, width, numeric: true, sortBy: value, show: (row) => formatFixed(value(row), digits) };
}
