import { Modal, TextInput } from "@mantine/core";
import { type KeyboardEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { Icon } from "@/shared/icons";
import classes from "./frame.module.css";
import { type Entry, usePaletteEntries } from "./palette_entries";

/** A combobox over everything that can be gone to or done from anywhere. */
export default function PaletteDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState(0);
  const listId = useId();
  const found = usePaletteEntries().filter((entry) => entry.label.toLowerCase().includes(text.trim().toLowerCase()));
  const run = (entry: Entry | undefined) => {
    if (!entry) return;
    onClose();
    entry.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Enter" && !event.nativeEvent.isComposing) run(found[chosen]);
    else if (step && found.length > 0) setChosen((chosen + step + found.length) % found.length);
    else return;
    event.preventDefault();
  };
  return (
    <Modal opened onClose={onClose} withCloseButton={false} padding={0} aria-label={t("keys.palette")}>
      <TextInput
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setChosen(0);
        }}
        onKeyDown={onKeyDown}
        placeholder={t("palette.placeholder")}
        aria-label={t("palette.placeholder")}
        leftSection={<Icon name="search" />}
        variant="unstyled"
        size="md"
        data-autofocus
        role="combobox"
        aria-expanded="true"
        aria-controls={listId}
        aria-activedescendant={found[chosen] && `${listId}-${chosen}`}
      />
      <div role="listbox" id={listId} aria-label={t("keys.palette")} className={classes.entries}>
        {found.map((entry, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the combobox above has the focus and handles the keys
          <div
            key={entry.id}
            id={`${listId}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === chosen}
            className={classes.entry}
            onMouseMove={() => setChosen(index)}
            onClick={() => run(entry)}
          >
            <Icon name={entry.icon} />
            {entry.label}
          </div>
        ))}
      </div>
      {found.length === 0 && (
        <p role="status" className={classes.nothing}>
          {t("palette.nothing")}
        </p>
      )}
    </Modal>
  );
}
