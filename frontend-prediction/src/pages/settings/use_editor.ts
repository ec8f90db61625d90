import { useForm } from "@mantine/form";
import { type ReactNode, useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { forgetDraft, keepDraft, keptDraft } from "./draft";
import { changedFields, type Field, fieldsOf, type Values, type View, valueAt, valuesOf } from "./fields";
import { flawOf } from "./flaws";
import { useSettingWords } from "./words";

/** The form, the file that its edits began with, and what has become of them. */
export function useEditor(view: View) {
  const fields = useMemo(() => fieldsOf(view), [view]);
  const flawsOf = useFlaws(fields);
  const [first] = useState(() => begun(view));
  const [base, setBase] = useState({ etag: first.etag, values: first.base });
  const form = useForm<Values>({
    mode: "controlled",
    initialValues: first.mine,
    initialErrors: flawsOf(first.mine),
    validate: flawsOf,
    validateInputOnChange: true,
  });
  const mine = form.values;
  const changed = useMemo(() => changedFields(fields, base.values, mine), [fields, base, mine]);
  const isDirty = changed.length > 0;
  const [isKept, setKept] = useState(true);
  useEffect(() => {
    if (!isDirty) forgetDraft();
    setKept(!isDirty || keepDraft({ etag: base.etag, base: base.values, mine }));
  }, [isDirty, base, mine]);

  /** Go on from another version of the file, with these edits on top of it. */
  function rebase(onto: View, edits: Values): void {
    setBase({ etag: onto.etag, values: valuesOf(onto) });
    form.setValues(edits);
    form.setErrors(flawsOf(edits));
  }

  // Without edits the form follows the file, whoever changes it.
  const isBehind = !isDirty && view.etag !== base.etag;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the form is another object at every drawing
  useEffect(() => {
    if (isBehind) rebase(view, valuesOf(view));
  }, [isBehind, view]);

  /** Show at each field why the server refused it. */
  function showRefusals(refusals: Readonly<Record<string, ReactNode>>): void {
    form.setErrors({ ...form.errors, ...refusals });
  }

  const discard = () => rebase(view, valuesOf(view));
  return { form, fields, base, changed, isKept, rebase, showRefusals, discard };
}

export type Editor = ReturnType<typeof useEditor>;

/** The edits of before a reload, or the file as it is; a key that a draft does not have yet has the file's value. */
function begun(view: View): { etag: string; base: Values; mine: Values } {
  const values = valuesOf(view);
  const draft = keptDraft();
  if (!draft) return { etag: view.etag, base: values, mine: values };
  const filled = (found: Values): Values =>
    Object.fromEntries(Object.entries(values).map(([section, part]) => [section, { ...part, ...found[section] }]));
  return { etag: draft.etag, base: filled(draft.base), mine: filled(draft.mine) };
}

function useFlaws(fields: readonly Field[]) {
  const { t } = useTranslation("settings");
  const words = useSettingWords();
  return (values: Values): Record<string, string> =>
    Object.fromEntries(
      fields.flatMap((field) => {
        const flaw = field.schema.writable ? flawOf(field.schema, valueAt(values, field)) : null;
        return flaw ? [[field.path, t(`flaw.${flaw}`, { range: words.range(field.schema) })]] : [];
      }),
    );
}
