import { useTranslation } from "react-i18next";
import { Panel } from "@/shared/Panel";
import { SettingField } from "./SettingField";
import classes from "./settings.module.css";
import type { Editor } from "./use_editor";
import { useSettingWords } from "./words";

/** Every setting, a card for each section of the file. */
export function Form({ editor }: { editor: Editor }) {
  const { t } = useTranslation("settings");
  const words = useSettingWords();
  const sections = [...new Set(editor.fields.map((field) => field.section))];
  return (
    <section className={classes.cards} aria-label={t("view.form")}>
      {sections.map((section) => (
        <Panel key={section} title={words.section(section)}>
          <div className={classes.fields}>
            {editor.fields
              .filter((field) => field.section === section)
              .map((field) => (
                <SettingField key={field.path} field={field} editor={editor} />
              ))}
          </div>
        </Panel>
      ))}
    </section>
  );
}
