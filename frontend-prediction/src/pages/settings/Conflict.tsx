import { Button, Group, Modal, Radio, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type View, valuesOf } from "./fields";
import { type Difference, differences, merged, type Side } from "./merge";
import type { Editor } from "./use_editor";
import { useSettingWords } from "./words";

interface Props {
  editor: Editor;
  /** The file as it is now. */
  theirs: View;
  onClose: () => void;
}

/** Lets a person choose between their own values and those that somebody else saved first. Render it while it is open. */
export function Conflict({ editor, theirs, onClose }: Props) {
  const { t } = useTranslation(["settings", "shared"]);
  const [chosen, setChosen] = useState<Record<string, Side>>({});
  const found = differences(editor.fields, editor.base.values, editor.form.values, valuesOf(theirs));
  const isComplete = found.every((one) => chosen[one.field.path] ?? one.suggested);
  const apply = () => {
    editor.rebase(theirs, merged(valuesOf(theirs), found, chosen));
    onClose();
  };
  return (
    <Modal
      opened
      size="lg"
      onClose={onClose}
      title={t("conflict.title")}
      closeButtonProps={{ "aria-label": t("confirm.close", { ns: "shared" }) }}
    >
      <Stack>
        <Text>{t(found.every((one) => one.suggested === "mine") ? "conflict.onlyText" : "conflict.explain")}</Text>
        {found.map((one) => (
          <Choice
            key={one.field.path}
            difference={one}
            chosen={chosen[one.field.path] ?? one.suggested}
            onChoose={(side) => setChosen({ ...chosen, [one.field.path]: side })}
          />
        ))}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("confirm.cancel", { ns: "shared" })}
          </Button>
          <Button onClick={apply} disabled={!isComplete}>
            {t("conflict.apply")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

interface ChoiceProps {
  difference: Difference;
  chosen: Side | null;
  onChoose: (side: Side) => void;
}

function Choice({ difference, chosen, onChoose }: ChoiceProps) {
  const { t } = useTranslation("settings");
  const words = useSettingWords();
  const { field, base, mine, theirs } = difference;
  const show = (value: typeof base) => words.value(field.schema, value);
  return (
    <Radio.Group
      label={t("conflict.choiceOf", { label: words.label(field) })}
      description={`${t("conflict.base")}: ${show(base)}`}
      value={chosen}
      onChange={(side) => onChoose(side as Side)}
    >
      <Stack gap="xs" mt="xs">
        <Radio value="theirs" label={`${t("conflict.takeTheirs")}: ${show(theirs)}`} />
        <Radio value="mine" label={`${t("conflict.takeMine")}: ${show(mine)}`} />
      </Stack>
    </Radio.Group>
  );
}
