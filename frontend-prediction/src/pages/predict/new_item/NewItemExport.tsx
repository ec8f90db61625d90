import { Button, Group } from "@mantine/core";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Icon } from "@/shared/icons";
import { useShortcuts } from "@/shared/keys";
import { editNameOf } from "../detail/subject";
import { ExportDialog } from "../export/ExportDialog";
import type { Subject } from "../queries";
import type { Prediction } from "../routing";

/** Saves the routing of an item that has no code yet. */
export function NewItemExport({ subject, prediction }: { subject: Subject; prediction: Prediction }) {
  const { t } = useTranslation("predict");
  const [isOpen, setOpen] = useState(false);
  useShortcuts(
    useMemo(() => [{ code: "KeyE", alt: true, shift: true, label: t("export.title"), run: () => setOpen(true) }], [t]),
  );
  const rows = [{ code: null, editName: editNameOf(subject), prediction, standards: null }];
  return (
    <Group>
      <Button
        size="xs"
        variant="default"
        leftSection={<Icon name="download" size={15} />}
        onClick={() => setOpen(true)}
        aria-keyshortcuts="Alt+Shift+E"
      >
        {t("export.title")}
      </Button>
      {isOpen && <ExportDialog rows={rows} routingCodes="known" onClose={() => setOpen(false)} />}
    </Group>
  );
}
