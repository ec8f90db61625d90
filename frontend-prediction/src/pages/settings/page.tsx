import { Tabs, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { use } from "react";
import { useTranslation } from "react-i18next";
import { loadTexts } from "@/i18n";
import { PageHeader } from "@/shared/PageHeader";
import { StateWord } from "@/shared/StateWord";
import { Loaded } from "@/shared/states/Loaded";
import { oneOf, useUrlState } from "@/shared/url_state";
import { Form } from "./Form";
import type { View } from "./fields";
import { History } from "./History";
import { LeaveWarning } from "./LeaveWarning";
import { configQuery } from "./queries";
import { Saving } from "./Saving";
import classes from "./settings.module.css";
import { useEditor } from "./use_editor";
import { useSettingWords } from "./words";
import { YamlView } from "./YamlView";

const texts = loadTexts("settings");

const VIEWS = ["form", "yaml", "history"] as const;
/** What of this page stands in its address. */
const ADDRESS = { view: oneOf(VIEWS, "form") };

export default function SettingsPage() {
  use(texts); // nothing of this page is drawn before
  const { t, i18n } = useTranslation("frame");
  const query = useQuery(configQuery);
  return (
    <>
      <PageHeader title={t("pages.settings")} />
      <Loaded query={query} height={640}>
        {/* another language draws the form anew, with its draft, so that errors are in that language */}
        {(view) => <Settings key={i18n.language} view={view} />}
      </Loaded>
    </>
  );
}

function Settings({ view }: { view: View }) {
  const { t } = useTranslation("settings");
  const [address, change] = useUrlState(ADDRESS);
  const editor = useEditor(view);
  return (
    <div className={classes.page}>
      <FileState view={view} editor={editor} />
      <Tabs
        value={address.view}
        onChange={(chosen) => change({ view: VIEWS.find((one) => one === chosen) ?? "form" })}
        keepMounted={false}
      >
        <Tabs.List aria-label={t("view.label")}>
          {VIEWS.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {t(`view.${one}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="form" className={classes.panel}>
          <Form editor={editor} />
        </Tabs.Panel>
        <Tabs.Panel value="yaml" className={classes.panel}>
          <YamlView yaml={view.yaml} />
        </Tabs.Panel>
        <Tabs.Panel value="history" className={classes.panel}>
          <History editor={editor} view={view} />
        </Tabs.Panel>
      </Tabs>
      <Saving editor={editor} />
      <LeaveWarning isDirty={editor.changed.length > 0} />
    </div>
  );
}

/** Which file this is, and which of its settings the server has not taken up yet. */
function FileState({ view, editor }: { view: View; editor: ReturnType<typeof useEditor> }) {
  const { t } = useTranslation("settings");
  const words = useSettingWords();
  const waiting = editor.fields.filter((field) => view.restart_pending.includes(field.path)).map(words.label);
  return (
    <div>
      <Text c="dimmed" fz="sm">
        {view.exists ? t("file") : t("noFile")}
      </Text>
      {waiting.length > 0 && (
        <div className={classes.waiting}>
          <StateWord tone="warning">{t("restartPending", { count: waiting.length })}</StateWord>
          <Text fz="sm">{waiting.join(", ")}</Text>
        </div>
      )}
    </div>
  );
}
