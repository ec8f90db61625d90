import { Button, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { type Field, isEqual, type Value, valueAt, withValue } from "./fields";
import { SettingInput } from "./SettingInput";
import classes from "./settings.module.css";
import type { Editor } from "./use_editor";
import { useSettingWords } from "./words";

/** One setting with its meaning, range, default and effect; one that only the server's file may change says why. */
export function SettingField({ field, editor }: { field: Field; editor: Editor }) {
  const { t } = useTranslation("settings");
  const words = useSettingWords();
  const { form, base } = editor;
  const standard = field.schema.default as Value;
  const value = valueAt(form.values, field);
  const before = valueAt(base.values, field);
  if (!field.schema.writable) return <FixedField field={field} value={String(value)} />;
  const toDefault = () => {
    form.setValues(withValue(form.values, field, standard));
    form.clearFieldError(field.path);
  };
  const isChanged = !isEqual(value, before);
  return (
    <div className={classes.field} data-changed={isChanged}>
      <SettingInput field={field} form={form} description={<About field={field} />} />
      <div className={classes.below}>
        {isChanged && <span className={classes.was}>{t("was", { value: words.value(field.schema, before) })}</span>}
        {!isEqual(value, standard) && (
          <Button
            size="compact-xs"
            variant="default"
            aria-label={t("toDefaultOf", { label: words.label(field) })}
            onClick={toDefault}
          >
            {t("toDefault")}
          </Button>
        )}
      </div>
    </div>
  );
}

function About({ field }: { field: Field }) {
  const { t } = useTranslation("settings");
  const words = useSettingWords();
  const help = words.help(field);
  const range = words.range(field.schema);
  const facts = [
    range && t("range.allowed", { range }),
    t("range.default", { value: words.value(field.schema, field.schema.default as Value) }),
    t(`effect.${field.schema.effect}`),
  ];
  return (
    <>
      <span lang={help.lang}>{help.text}</span>
      <span className={classes.facts}>{facts.filter(Boolean).join(" · ")}</span>
    </>
  );
}

function FixedField({ field, value }: { field: Field; value: string }) {
  const { t } = useTranslation("settings");
  const words = useSettingWords();
  const help = words.help(field);
  const { text, lang } = words.fixedReason(field);
  const description = (
    <>
      <span lang={help.lang}>{help.text}</span>
      <span className={classes.facts} lang={lang}>
        {t("fixed.note", { reason: text })}
      </span>
    </>
  );
  return (
    <div className={classes.field}>
      <TextInput
        label={words.label(field)}
        description={description}
        value={value}
        readOnly
        data-path={field.path}
        classNames={{ input: classes.fixed }}
      />
    </div>
  );
}
