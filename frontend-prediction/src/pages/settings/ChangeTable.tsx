import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { type Field, isEqual, type Value } from "./fields";
import classes from "./settings.module.css";
import { useSettingWords } from "./words";

export interface KeyChange {
  /** section.key */
  key: string;
  before: Value;
  after: Value;
}

interface Props {
  label: string;
  changes: readonly KeyChange[];
  fields: readonly Field[];
  before: string;
  after: string;
  /** A fourth column. */
  more?: { title: string; show: (field: Field) => ReactNode };
}

/** Settings with their values before and after. */
export function ChangeTable({ label, changes, fields, before, after, more }: Props) {
  const { t } = useTranslation("settings");
  const words = useSettingWords();
  return (
    <table className={classes.changes} aria-label={label}>
      <thead>
        <tr>
          <th scope="col">{t("review.key")}</th>
          <th scope="col">{before}</th>
          <th scope="col">{after}</th>
          {more && <th scope="col">{more.title}</th>}
        </tr>
      </thead>
      <tbody>
        {changes.map((change) => {
          const field = fields.find((one) => one.path === change.key); // none: a key of an earlier release
          const show = (value: Value) => (field ? words.value(field.schema, value) : JSON.stringify(value));
          return (
            <tr key={change.key} data-same={isEqual(change.before, change.after)}>
              <th scope="row">{field ? words.label(field) : <code>{change.key}</code>}</th>
              <td>{show(change.before)}</td>
              <td>{show(change.after)}</td>
              {more && <td>{field && more.show(field)}</td>}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
