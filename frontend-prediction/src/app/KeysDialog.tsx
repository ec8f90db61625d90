import { Kbd, Modal, Stack, Switch } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { keyNames, type Shortcut, useBoundShortcuts, useSingleKeys } from "@/shared/keys";
import classes from "./frame.module.css";

/** The shortcuts that work now: the frame's and those of the page that is shown. */
export default function KeysDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation(["frame", "shared"]);
  const shortcuts = useBoundShortcuts();
  const [single, setSingle] = useSingleKeys();
  return (
    <Modal
      opened
      onClose={onClose}
      title={t("keys.title")}
      closeButtonProps={{ "aria-label": t("confirm.close", { ns: "shared" }) }}
    >
      <Stack>
        <dl className={classes.keys}>
          {shortcuts.map((shortcut) => (
            <div key={keyNames(shortcut).join("+")}>
              <dt>{shortcut.label}</dt>
              <dd>
                <Keys shortcut={shortcut} />
              </dd>
            </div>
          ))}
        </dl>
        <Switch
          checked={single}
          onChange={(event) => setSingle(event.currentTarget.checked)}
          label={t("keys.single")}
          description={t("keys.singleHelp")}
        />
      </Stack>
    </Modal>
  );
}

function Keys({ shortcut }: { shortcut: Shortcut }) {
  const { t } = useTranslation();
  return keyNames(shortcut).map((name, index) => (
    <span key={name}>
      {index > 0 && (shortcut.after ? ` ${t("keys.afterwards")} ` : " + ")}
      <Kbd size="xs">{name}</Kbd>
    </span>
  ));
}
