import { useTranslation } from "react-i18next";
import { CopyText } from "@/shared/CopyText";
import { Facts } from "@/shared/Facts";
import { formatBytes, formatNumber } from "@/shared/format";
import { useTableName } from "@/shared/words";
import classes from "../models.module.css";
import type { Details } from "../queries";

/** The rows that a version has learnt from, and its files. */
export function MadeOf({ details }: { details: Details }) {
  const { t } = useTranslation("models");
  const tableName = useTableName();
  return (
    <div className={classes.columns}>
      <Facts
        facts={[
          ...Object.entries(details.rows).map(
            ([table, rows]) => [tableName(table), t("details.rows", { rows: formatNumber(rows) })] as const,
          ),
          [t("details.seed"), String(details.seed)],
        ]}
      />
      <Facts
        facts={[
          ...Object.entries(details.files).map(([name, file]) => [name, formatBytes(file.bytes)] as const),
          [t("details.hash"), <CopyText key="hash" text={details.bundle_hash} label={t("details.copyHash")} />],
        ]}
      />
    </div>
  );
}
