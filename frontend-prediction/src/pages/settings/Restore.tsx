import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "@/api/problem";
import { ErrorState } from "@/shared/states/ErrorState";
import { ChangeTable } from "./ChangeTable";
import { isEqual, type Value, type View, valueAt, valuesOf } from "./fields";
import { differences, merged } from "./merge";
import { configQuery, type Entry, useRestore } from "./queries";
import { ReasonInput } from "./ReasonInput";
import type { Editor } from "./use_editor";

interface Props {
  entry: Entry;
  editor: Editor;
  /** The file as it is now. */
  view: View;
  onClose: () => void;
}

/** Shows what taking a change back would change now, and does it. Render it while it is open. */
export function Restore({ entry, editor, view, onClose }: Props) {
  const { t } = useTranslation(["settings", "shared"]);
  const queries = useQueryClient();
  const restore = useRestore();
  const [reason, setReason] = useState("");
  const changes = changesOf(entry, editor, view);
  const isStale = restore.error instanceof ApiError && restore.error.kind === "stale-settings";
  const confirm = () =>
    restore.mutate(
      { etag: view.etag, auditId: entry.audit_id, reason },
      {
        onSuccess: (after) => {
          editor.rebase(after, withEdits(editor, after));
          notifications.show({ message: t("restore.done") });
          onClose();
        },
        onError: () => void queries.invalidateQueries({ queryKey: configQuery.queryKey }),
      },
    );
  return (
    <Modal
      opened
      size="lg"
      onClose={onClose}
      title={t("restore.title", { number: entry.audit_id })}
      closeButtonProps={{ "aria-label": t("confirm.close", { ns: "shared" }) }}
    >
      <Stack>
        <Text>{t(changes.length > 0 ? "restore.explain" : "restore.nothing")}</Text>
        {changes.length > 0 && (
          <>
            <ChangeTable
              label={t("restore.title", { number: entry.audit_id })}
              changes={changes}
              fields={editor.fields}
              before={t("restore.now")}
              after={t("restore.next")}
            />
            <ReasonInput value={reason} onChange={setReason} />
          </>
        )}
        {isStale && <Text role="alert">{t("restore.stale")}</Text>}
        {restore.error && !isStale ? <ErrorState error={restore.error} /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("confirm.cancel", { ns: "shared" })}
          </Button>
          <Button onClick={confirm} loading={restore.isPending} disabled={changes.length === 0}>
            {t("restore.action")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

/** The keys of a change whose value now is not the one before it. */
function changesOf(entry: Entry, editor: Editor, view: View) {
  const now = valuesOf(view);
  return entry.changes.flatMap((change) => {
    const field = editor.fields.find((one) => one.path === change.key);
    const before = field ? valueAt(now, field) : "";
    const after = change.before as Value;
    return isEqual(before, after) ? [] : [{ key: change.key, before, after }];
  });
}

/** The restored file with the edits that are not saved yet still on top of it. */
function withEdits(editor: Editor, after: View) {
  const found = differences(editor.fields, editor.base.values, editor.form.values, valuesOf(after));
  const edited = editor.changed.map((field) => [field.path, "mine"] as const);
  return merged(valuesOf(after), found, Object.fromEntries(edited));
}
