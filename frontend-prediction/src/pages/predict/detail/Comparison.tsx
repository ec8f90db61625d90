import { Group, NativeSelect, Switch, Text } from "@mantine/core";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { formatFixed, formatMinutes, formatNumber, formatPercent, NO_VALUE } from "@/shared/format";
import { StateWord } from "@/shared/StateWord";
import { EmptyState } from "@/shared/states/EmptyState";
import { ColumnWidths, Rows, useRowsInView } from "@/shared/table/RowsInView";
import { useUrlState } from "@/shared/url_state";
import { ADDRESS } from "../address";
import { type AlignedRow, align, DIFFERENT_MINUTES } from "../alignment";
import type { ItemStandards } from "../attention";
import classes from "../predict.module.css";
import { lotMinutes, type Operation, totalMinutes } from "../routing";
import { useAlternativeName } from "./alternative_name";
import type { Alternative } from "./alternatives";

interface Props {
  steps: readonly Operation[];
  quantity: number;
  others: readonly Alternative[];
  standards: ItemStandards | null;
  standardsAreKnown: boolean;
}

/** The shown routing beside the ERP's or another candidate, aligned by operation code. */
export function Comparison({ steps, quantity, others, standards, standardsAreKnown }: Props) {
  const { t } = useTranslation("predict");
  const [address, change] = useUrlState(ADDRESS);
  const [all, setAll] = useState(false);
  const nameOf = useAlternativeName();
  const other = others.find(({ key }) => key === address.against) ?? others[0];
  const rows = other ? align(steps, other.operations, quantity) : [];
  const differing = rows.filter((row) => row.kind !== "same");
  return (
    <div className={classes.block}>
      <StandardsNote standards={standards} isKnown={standardsAreKnown} />
      {other ? (
        <>
          <Group gap="md" align="flex-end">
            <NativeSelect
              size="xs"
              label={t("compare.with")}
              value={other.key}
              data={others.map((one) => ({ value: one.key, label: nameOf(one) }))}
              onChange={(event) => change({ against: event.currentTarget.value }, { replace: true })}
            />
            <Switch label={t("compare.all")} checked={all} onChange={(event) => setAll(event.currentTarget.checked)} />
          </Group>
          <Totals left={totalMinutes(steps, quantity)} right={totalMinutes(other.operations, quantity)} />
          {differing.length === 0 && !all ? (
            <EmptyState why={t("compare.same", { percent: formatPercent(DIFFERENT_MINUTES, 0) })} />
          ) : (
            <ComparedTable rows={all ? rows : differing} quantity={quantity} right={nameOf(other)} />
          )}
        </>
      ) : (
        standardsAreKnown && <EmptyState why={t("compare.nothing")} />
      )}
    </div>
  );
}

function StandardsNote({ standards, isKnown }: { standards: ItemStandards | null; isKnown: boolean }) {
  const { t } = useTranslation("predict");
  if (!isKnown) return <Text c="dimmed">{t("compare.loading")}</Text>;
  if (standards?.status === "no_routing") return <Text>{t("compare.noRouting")}</Text>;
  if (!standards || standards.rows_set_aside === 0) return null;
  return (
    <StateWord tone="warning">
      {t("compare.setAside", { count: standards.rows_set_aside, number: formatNumber(standards.rows_set_aside) })}
    </StateWord>
  );
}

function Totals({ left, right }: { left: number; right: number }) {
  const { t } = useTranslation("predict");
  const percent = right > 0 ? formatPercent(Math.abs(left / right - 1), 0) : NO_VALUE;
  const figures = { left: formatMinutes(left), right: formatMinutes(right), percent };
  return <Text>{t(left >= right ? "compare.longer" : "compare.shorter", figures)}</Text>;
}

interface TableProps {
  rows: readonly AlignedRow[];
  quantity: number;
  right: string;
}

const WIDTHS = [null, "20%", "15%", "6.5rem", "15%", "7.5rem"];

function ComparedTable({ rows, quantity, right }: TableProps) {
  const { t } = useTranslation("predict");
  const scroller = useRef<HTMLElement>(null);
  const drawn = useRowsInView(scroller, rows.length);
  const minutes = <span className={classes.unit}> {t("unit.minutes")}</span>;
  return (
    <section
      className={`${classes.scroller} ${drawn.className ?? ""}`}
      aria-label={t("detail.tab.compare")}
      tabIndex={0}
      ref={scroller}
    >
      <table className={classes.table} aria-label={t("detail.tab.compare")} {...drawn.counted(1)}>
        <caption>{t("compare.caption", { percent: formatPercent(DIFFERENT_MINUTES, 0) })}</caption>
        <ColumnWidths rows={drawn} widths={WIDTHS} />
        <thead>
          <tr>
            <th scope="col">{t("compare.operation")}</th>
            <th scope="col">{t("compare.what")}</th>
            <th scope="col">{t("compare.shownPlace")}</th>
            <th scope="col" className={classes.numeric}>
              {t("compare.shown")}
              {minutes}
            </th>
            <th scope="col">{t("compare.otherPlace")}</th>
            <th scope="col" className={classes.numeric}>
              {right}
              {minutes}
            </th>
          </tr>
        </thead>
        <tbody>
          <Rows rows={drawn} columns={6}>
            {(index, place) => {
              const row = rows[index] as AlignedRow;
              return (
                // An operation may stand twice in a routing, so the place is the key; rows have no state.
                <tr key={index} {...place} data-changed={row.kind !== "same"}>
                  <td>
                    {row.left?.operation_code ?? row.right?.operation_code}{" "}
                    {row.left?.operation_name || row.right?.operation_name}
                  </td>
                  <td>
                    <Difference row={row} quantity={quantity} />
                  </td>
                  <Side operation={row.left} quantity={quantity} />
                  <Side operation={row.right} quantity={quantity} />
                </tr>
              );
            }}
          </Rows>
        </tbody>
      </table>
    </section>
  );
}

function Difference({ row, quantity }: { row: AlignedRow; quantity: number }) {
  const { t } = useTranslation("predict");
  if (row.kind === "same") return <>{t("compare.kind.same")}</>;
  if (row.kind !== "changed") return <StateWord tone="warning">{t(`compare.kind.${row.kind}`)}</StateWord>;
  const share = row.left && row.right ? lotMinutes(row.left, quantity) / lotMinutes(row.right, quantity) - 1 : 0;
  const percent = formatPercent(Math.abs(share), 0);
  const words = row.fields.map((field) =>
    field === "minutes"
      ? t(share > 0 ? "compare.field.longer" : "compare.field.shorter", { percent })
      : t(`compare.field.${field}`),
  );
  return <StateWord tone="warning">{words.join(", ")}</StateWord>;
}

function Side({ operation, quantity }: { operation: Operation | null; quantity: number }) {
  const { t } = useTranslation("predict");
  return (
    <>
      <td>{operation ? `${operation.work_centre} ${t(operation.in_house ? "inHouse" : "outsourced")}` : NO_VALUE}</td>
      <td className={classes.numeric}>{operation ? formatFixed(lotMinutes(operation, quantity), 1) : NO_VALUE}</td>
    </>
  );
}
