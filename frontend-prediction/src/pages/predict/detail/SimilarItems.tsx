import { Button } from "@mantine/core";
import { Fragment, useState } from "react";
import { useTranslation } from "react-i18next";
import { formatNumber } from "@/shared/format";
import classes from "../predict.module.css";
import type { Operation, Prediction } from "../routing";
import { useAttributeName } from "../words";
import { AttributeComparison } from "./AttributeComparison";

type Similar = Prediction["similar_items"][number];

interface Props {
  prediction: Prediction;
  steps: readonly Operation[];
}

/** Items whose lots back the proposal: how alike they are, in what they differ, and their newest work orders. */
export function SimilarItems({ prediction, steps }: Props) {
  const { t } = useTranslation("predict");
  const [opened, setOpened] = useState<string | null>(null);
  const own = prediction.item_code;
  return (
    <section className={classes.scroller} aria-label={t("evidence.similar")} tabIndex={0}>
      <table className={classes.table} aria-label={t("evidence.similar")}>
        <thead>
          <tr>
            <th scope="col">{t("evidence.item")}</th>
            <th scope="col" className={classes.numeric}>
              {t("evidence.similarity")} <span className={classes.unit}>%</span>
            </th>
            <th scope="col">{t("evidence.attributes")}</th>
            <th scope="col">{t("evidence.sequence")}</th>
            <th scope="col">{t("evidence.workOrders")}</th>
          </tr>
        </thead>
        <tbody>
          {prediction.similar_items.map((similar) => (
            <Fragment key={similar.item_code}>
              <tr>
                <td className={classes.nowrap}>{similar.item_code}</td>
                <td className={classes.numeric}>{formatNumber(100 * similar.similarity)}</td>
                <td>
                  {similar.item_code === own ? (
                    t("evidence.itself")
                  ) : (
                    <AlikeAndDifferent
                      similar={similar}
                      isOpen={opened === similar.item_code}
                      onToggle={
                        own === null ? null : () => setOpened(opened === similar.item_code ? null : similar.item_code)
                      }
                    />
                  )}
                </td>
                <td>
                  <Sequence codes={similar.operation_codes} steps={steps} />
                </td>
                <td>
                  <span className={classes.codesLine}>
                    {similar.work_order_codes.map((code) => (
                      <span key={code}>{code}</span>
                    ))}
                  </span>
                </td>
              </tr>
              {opened === similar.item_code && own !== null && (
                <tr>
                  <td colSpan={5}>
                    <AttributeComparison own={own} other={similar.item_code} />
                  </td>
                </tr>
              )}
            </Fragment>
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface AlikeProps {
  similar: Similar;
  isOpen: boolean;
  /** Null where the values of the item's own attributes are not in the ERP. */
  onToggle: (() => void) | null;
}

function AlikeAndDifferent({ similar, isOpen, onToggle }: AlikeProps) {
  const { t } = useTranslation("predict");
  const nameOf = useAttributeName();
  return (
    <div className={classes.alike}>
      {similar.alike.length > 0 && <div>{t("evidence.alike", { names: similar.alike.map(nameOf).join(", ") })}</div>}
      {similar.differs.length > 0 && (
        <div>{t("evidence.differs", { names: similar.differs.map(nameOf).join(", ") })}</div>
      )}
      {onToggle && (
        <div>
          <Button size="compact-xs" variant="default" mih={24} aria-expanded={isOpen} onClick={onToggle}>
            {t(isOpen ? "evidence.hideValues" : "evidence.showValues")}
          </Button>
        </div>
      )}
    </div>
  );
}

const MOST_CODES = 20; // of routings with hundreds of operations nobody reads more

function Sequence({ codes, steps }: { codes: readonly string[]; steps: readonly Operation[] }) {
  const { t } = useTranslation("predict");
  const proposed = steps.map((step) => step.operation_code);
  const [own, others] = [new Set(proposed), new Set(codes)];
  const lacks = proposed.filter((code) => !others.has(code));
  const more = codes.filter((code) => !own.has(code));
  if (codes.join("\n") === proposed.join("\n")) return t("evidence.sameSequence");
  if (lacks.length + more.length === 0) return t("evidence.otherOrder");
  const written = (some: readonly string[]) =>
    some.length <= MOST_CODES
      ? some.join(", ")
      : t("evidence.andMore", {
          codes: some.slice(0, MOST_CODES).join(", "),
          number: formatNumber(some.length - MOST_CODES),
        });
  return (
    <>
      {more.length > 0 && <div>{t("evidence.more", { codes: written(more) })}</div>}
      {lacks.length > 0 && <div>{t("evidence.lacks", { codes: written(lacks) })}</div>}
    </>
  );
}
