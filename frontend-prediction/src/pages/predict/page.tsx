import { SegmentedControl } from "@mantine/core";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { PageHeader, type Provenance } from "@/shared/PageHeader";
import { EmptyState } from "@/shared/states/EmptyState";
import { useUrlState } from "@/shared/url_state";
import { ADDRESS, readCodes } from "./address";
import { CodeInput } from "./input/CodeInput";
import { NewItem } from "./new_item/NewItem";
import classes from "./predict.module.css";
import { Results } from "./Results";

export default function PredictPage() {
  const { t } = useTranslation(["predict", "frame"]);
  const [address, change] = useUrlState(ADDRESS);
  const { items, list, mode, qty } = address;
  const codes = useMemo(() => readCodes({ items, list }), [items, list]);
  const [provenance, setProvenance] = useState<Provenance | null>(null);
  return (
    <>
      <PageHeader title={t("pages.predict", { ns: "frame" })} provenance={provenance}>
        <SegmentedControl
          aria-label={t("mode.label")}
          value={mode}
          onChange={(chosen) => change({ mode: chosen === "new" ? "new" : "codes", item: "", candidate: "1" })}
          data={[
            { value: "codes", label: t("mode.codes") },
            { value: "new", label: t("mode.new") },
          ]}
        />
      </PageHeader>
      {mode === "new" ? (
        <NewItem onProvenance={setProvenance} />
      ) : (
        <div className={classes.page}>
          <CodeInput key={codes?.join("\n")} codes={codes ?? []} quantity={qty} />
          {codes === null && <EmptyState why={t("input.listElsewhere")} remedy={t("input.listElsewhereRemedy")} />}
          {codes !== null && codes.length > 0 && (
            <Results key={codes.join("\n")} codes={codes} quantity={qty} onProvenance={setProvenance} />
          )}
        </div>
      )}
    </>
  );
}
