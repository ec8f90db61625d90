import { Button, Group, Modal, Stack } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ErrorState } from "@/shared/states/ErrorState";
import { ChangeTable } from "./ChangeTable";
import { valueAt } from "./fields";
import { ReasonInput } from "./ReasonInput";
import type { Editor } from "./use_editor";

interface Props {
  editor: Editor;
  busy: boolean;
  /** Why saving did not succeed, where it is neither a conflict nor a matter of single fields. */
  error: unknown;
  onSave: (reason: string) => void;
  onClose: () => void;
}

/** What would be changed, before it is. Render it while it is open. */
export function Review({ editor, busy, error, onSave, onClose }: Props) {
  const { t } = useTranslation(["settings", "shared"]);
  const [reason, setReason] = useState("");
  const { changed, base, form, fields } = editor;
  const changes = changed.map((field) => ({
    key: field.path,
    before: valueAt(base.values, field),
    after: valueAt(form.values, field),
  }));
  return (
    <Modal
      opened
      size="lg"
      onClose={onClose}
      title={t("review.title")}
      closeButtonProps={{ "aria-label": t("confirm.close", { ns: "shared" }) }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy) onSave(reason);
        }}
      >
        <Stack>
          <ChangeTable
            label={t("review.title")}
            changes={changes}
            fields={fields}
            before={t("review.before")}
            after={t("review.after")}
            more={{ title: t("review.effect"), show: (field) => t(`effect.${field.schema.effect}`) }}
          />
          <ReasonInput value={reason} onChange={setReason} />
          {error ? <ErrorState error={error} /> : null}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t("confirm.cancel", { ns: "shared" })}
            </Button>
            <Button type="submit" loading={busy}>
              {t("review.save")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
