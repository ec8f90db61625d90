import { useTranslation } from "react-i18next";
import { Icon } from "@/shared/icons";
import type { Column, Sorting } from "./columns";
import classes from "./table.module.css";

interface Props<Row> {
  column: Column<Row>;
  sorting: Sorting | null;
  onSort: () => void;
}

/** A column's title with its unit; a button where the column can be sorted. */
export function HeaderCell<Row>({ column, sorting, onSort }: Props<Row>) {
  const { t } = useTranslation("shared");
  const direction = sorting?.key === column.key ? (sorting.descending ? "descending" : "ascending") : "none";
  const title = (
    <span>
      {column.title}
      {column.unit && <span className={classes.unit}> {column.unit}</span>}
    </span>
  );
  return (
    <th
      scope="col"
      className={column.numeric ? classes.numeric : undefined}
      style={{ width: column.width }}
      aria-sort={column.sortBy && direction}
    >
      {column.sortBy ? (
        <button type="button" onClick={onSort} title={t("table.sortBy", { column: column.title })}>
          {title}
          <Icon name={direction === "none" ? "sort" : direction === "ascending" ? "up" : "down"} size={14} />
        </button>
      ) : (
        title
      )}
    </th>
  );
}
