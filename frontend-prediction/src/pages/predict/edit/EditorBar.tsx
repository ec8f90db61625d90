import { Button, Group } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Icon } from "@/shared/icons";
import { StateWord } from "@/shared/StateWord";
import { useUrlState } from "@/shared/url_state";
import { ADDRESS } from "../address";
import { changeEdit, discardEdit, redoEdit, undoEdit, type useEdit } from "./edits";
import { added } from "./steps";

interface Props {
  name: string;
  edit: NonNullable<ReturnType<typeof useEdit>>;
  modelVersion: string;
}

/** What can be done with an edited routing as a whole. */
export function EditorBar({ name, edit, modelVersion }: Props) {
  const { t } = useTranslation("predict");
  const [, change] = useUrlState(ADDRESS);
  const discard = () => {
    discardEdit(name);
    change({ candidate: "1" }, { replace: true });
  };
  const add = () => {
    const id = crypto.getRandomValues(new Uint32Array(2)).join("-"); // randomUUID needs HTTPS
    changeEdit(name, (steps) => added(steps, null, id));
  };
  return (
    <>
      <Group gap="xs">
        <Button size="xs" variant="default" leftSection={<Icon name="plus" size={15} />} onClick={add}>
          {t("edit.add")}
        </Button>
        <Button
          size="xs"
          variant="default"
          leftSection={<Icon name="undo" size={15} />}
          disabled={!edit.canUndo}
          onClick={() => undoEdit(name)}
          aria-keyshortcuts="Control+Z"
        >
          {t("edit.undo")}
        </Button>
        <Button
          size="xs"
          variant="default"
          leftSection={<Icon name="redo" size={15} />}
          disabled={!edit.canRedo}
          onClick={() => redoEdit(name)}
          aria-keyshortcuts="Control+Shift+Z"
        >
          {t("edit.redo")}
        </Button>
        <Button size="xs" variant="default" leftSection={<Icon name="trash" size={15} />} onClick={discard}>
          {t("edit.discard")}
        </Button>
      </Group>
      {!edit.isKept && <StateWord tone="bad">{t("storageFull")}</StateWord>}
      {edit.modelVersion !== modelVersion && (
        <StateWord tone="warning">{t("edit.olderModel", { version: edit.modelVersion })}</StateWord>
      )}
    </>
  );
}
