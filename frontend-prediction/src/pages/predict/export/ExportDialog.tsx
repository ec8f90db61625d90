import { Button, Group, Modal, Radio, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { formatNumber } from "@/shared/format";
import { Icon } from "@/shared/icons";
import { StateWord } from "@/shared/StateWord";
import { ErrorState } from "@/shared/states/ErrorState";
import { useEdits } from "../edit/edits";
import { type ExportItem, inRequests, type RoutingCodes, routingsOf } from "./routings";
import { copyRoutings, type FileFormat, saveRoutings } from "./saving";

interface Props {
  /** The items that are shown, and the code of the one that is open among them. */
  rows: readonly ExportItem[];
  open?: string;
  routingCodes: RoutingCodes;
  onClose: () => void;
}

const FORMATS: readonly FileFormat[] = ["csv", "xlsx", "json"];

/** Saves routings as a file in the ERP's layout, or copies them for a sheet. */
export function ExportDialog({ rows, open, routingCodes, onClose }: Props) {
  const { t } = useTranslation(["predict", "shared"]);
  const edits = useEdits();
  const opened = rows.find((row) => row.code !== null && row.code === open);
  const [scope, setScope] = useState<"listed" | "open">(opened ? "open" : "listed");
  const items = scope === "open" && opened ? [opened] : rows;
  const routings = routingsOf(items, edits);
  const files = inRequests(routings).length;
  const edited = items.filter((item) => edits.has(item.editName)).length;
  const decidedElsewhere = items.filter((item) => item.decision === "edited" && !edits.has(item.editName)).length;
  const isReady = routings.length > 0 && routingCodes !== "asked";
  const save = useMutation({ mutationFn: (format: FileFormat) => saveRoutings(routings, format) });
  const copy = useMutation({ mutationFn: () => copyRoutings(routings, t) });
  const numbers = { routings: formatNumber(routings.length), edited: formatNumber(edited) };
  return (
    <Modal
      opened
      onClose={onClose}
      title={t("export.title")}
      closeButtonProps={{ "aria-label": t("confirm.close", { ns: "shared" }) }}
    >
      <Stack>
        {opened && (
          <Radio.Group
            label={t("export.scope")}
            value={scope}
            onChange={(value) => setScope(value === "open" ? "open" : "listed")}
          >
            <Stack gap="xs" mt="xs">
              <Radio value="open" label={t("export.open", { item: opened.code ?? "" })} />
              <Radio value="listed" label={t("export.listed", { number: formatNumber(rows.length) })} />
            </Stack>
          </Radio.Group>
        )}
        <Text>{t("export.what", numbers)}</Text>
        {items.length > routings.length && (
          <StateWord tone="warning">
            {t("export.leftOut", { number: formatNumber(items.length - routings.length) })}
          </StateWord>
        )}
        {decidedElsewhere > 0 && (
          <StateWord tone="warning">
            {t("export.decidedElsewhere", { number: formatNumber(decidedElsewhere) })}
          </StateWord>
        )}
        {routingCodes === "asked" && <Text>{t("export.codesAsked")}</Text>}
        {routingCodes === "unknown" && <StateWord tone="warning">{t("export.codesUnknown")}</StateWord>}
        {files > 1 && <Text>{t("export.files", { number: formatNumber(files) })}</Text>}
        <Group gap="xs">
          {FORMATS.map((format) => (
            <Button
              key={format}
              variant="default"
              leftSection={<Icon name="download" size={16} />}
              disabled={!isReady}
              loading={save.isPending && save.variables === format}
              onClick={() => save.mutate(format)}
            >
              {t("export.save", { format: format.toUpperCase() })}
            </Button>
          ))}
          <Button
            variant="default"
            leftSection={<Icon name={copy.isSuccess ? "check" : "copy"} size={16} />}
            disabled={routings.length === 0}
            onClick={() => copy.mutate()}
          >
            {t("export.copy")}
          </Button>
        </Group>
        <div role="status">
          {save.isSuccess && <StateWord tone="good">{t("export.saved")}</StateWord>}
          {copy.isSuccess && <StateWord tone="good">{t("export.copied")}</StateWord>}
          {copy.error && <StateWord tone="bad">{t("export.notCopied")}</StateWord>}
        </div>
        {save.error && <ErrorState error={save.error} />}
        <Text c="dimmed" fz="sm">
          {t("export.help")}
        </Text>
      </Stack>
    </Modal>
  );
}
