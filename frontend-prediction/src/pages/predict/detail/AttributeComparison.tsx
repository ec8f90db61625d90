import { useQueries } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { formatNumber, NO_VALUE } from "@/shared/format";
import { ErrorState } from "@/shared/states/ErrorState";
import { Loading } from "@/shared/states/Loading";
import classes from "../predict.module.css";
import { itemAttributesQuery } from "../queries";
import { useAttributeName } from "../words";

/** The attributes in which two items of the ERP differ, with both values. */
export function AttributeComparison({ own, other }: { own: string; other: string }) {
  const { t } = useTranslation("predict");
  const nameOf = useAttributeName();
  const [left, right] = useQueries({ queries: [itemAttributesQuery(own), itemAttributesQuery(other)] });
  const failed = [left, right].find((query) => query.error);
  if (failed) return <ErrorState error={failed.error} retry={() => void failed.refetch()} />;
  if (!left.data || !right.data) return <Loading height={120} />;
  const [mine, theirs] = [left.data.attributes, right.data.attributes];
  const differing = Object.keys(mine).filter((name) => mine[name] !== theirs[name]);
  return (
    <table className={classes.table}>
      <caption>{t("evidence.valuesCaption", { own, other })}</caption>
      <thead>
        <tr>
          <th scope="col">{t("evidence.attribute")}</th>
          <th scope="col">{own}</th>
          <th scope="col">{other}</th>
        </tr>
      </thead>
      <tbody>
        {differing.map((name) => (
          <tr key={name}>
            <th scope="row">{nameOf(name)}</th>
            <td>{writeValue(mine[name])}</td>
            <td>{writeValue(theirs[name])}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function writeValue(value: unknown): string {
  if (value === null || value === undefined || value === "") return NO_VALUE;
  return typeof value === "number" ? formatNumber(value, 3) : String(value);
}
