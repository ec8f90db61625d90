import { Button, Group, Text } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { formatMoment } from "@/shared/format";
import { Panel } from "@/shared/Panel";
import { EmptyState } from "@/shared/states/EmptyState";
import { Loaded } from "@/shared/states/Loaded";
import { ChangeTable, type KeyChange } from "./ChangeTable";
import type { View } from "./fields";
import { type Entry, historyQuery } from "./queries";
import { Restore } from "./Restore";
import classes from "./settings.module.css";
import type { Editor } from "./use_editor";

const STEP = 20;
const MOST = 1000; // the API's limit

/** Who changed what, when and why, with the way back. */
export function History({ editor, view }: { editor: Editor; view: View }) {
  const { t } = useTranslation("settings");
  const [limit, setLimit] = useState(STEP);
  const [restoring, setRestoring] = useState<Entry | null>(null);
  const query = useQuery({ ...historyQuery(limit), placeholderData: keepPreviousData });
  const empty = {
    when: (data: Schemas["ConfigHistory"]) => data.changes.length === 0,
    show: <EmptyState why={t("history.none")} remedy={t("history.noneRemedy")} />,
  };
  return (
    <Panel title={t("history.title")} caption={t("history.caption")}>
      <Loaded query={query} height={320} empty={empty}>
        {({ changes }) => (
          <>
            <ol className={classes.history}>
              {changes.map((entry) => (
                <Change key={entry.audit_id} entry={entry} editor={editor} onRestore={() => setRestoring(entry)} />
              ))}
            </ol>
            {changes.length === limit && limit < MOST && (
              <Button
                variant="default"
                loading={query.isFetching}
                onClick={() => setLimit(Math.min(limit + STEP, MOST))}
              >
                {t("history.older")}
              </Button>
            )}
          </>
        )}
      </Loaded>
      {restoring && <Restore entry={restoring} editor={editor} view={view} onClose={() => setRestoring(null)} />}
    </Panel>
  );
}

function Change({ entry, editor, onRestore }: { entry: Entry; editor: Editor; onRestore: () => void }) {
  const { t } = useTranslation("settings");
  const moment = formatMoment(entry.created_at);
  const facts = [
    t("history.number", { number: entry.audit_id }),
    entry.restored_audit_id && t("history.restored", { number: entry.restored_audit_id }),
  ];
  return (
    <li>
      <Group justify="space-between" gap="xs">
        <div>
          <Text fw={600}>
            {moment} · <span translate="no">{entry.actor}</span>
          </Text>
          <Text c="dimmed" fz="sm">
            {facts.filter(Boolean).join(" · ")}
          </Text>
        </div>
        <Button
          size="compact-sm"
          variant="default"
          aria-label={t("history.restoreOf", { number: entry.audit_id })}
          onClick={onRestore}
        >
          {t("history.restore")}
        </Button>
      </Group>
      {entry.reason && <Text className={classes.reason}>{t("history.reason", { reason: entry.reason })}</Text>}
      <ChangeTable
        label={t("history.entry", { moment })}
        changes={entry.changes as KeyChange[]}
        fields={editor.fields}
        before={t("review.before")}
        after={t("review.after")}
      />
    </li>
  );
}
