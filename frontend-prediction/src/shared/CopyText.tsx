import { Button, CopyButton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Icon } from "./icons";
import classes from "./shared.module.css";

interface Props {
  text: string;
  /** What copying it is called, for screen readers. */
  label: string;
  prefix?: string;
}

/** A short text such as a command or an id, with a button that copies it. */
export function CopyText({ text, label, prefix }: Props) {
  const { t } = useTranslation("shared");
  return (
    <span className={classes.copyText}>
      {prefix && <span>{prefix}</span>}
      <code>{text}</code>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Button size="compact-xs" variant="default" onClick={copy} aria-label={copied ? t("copied") : label}>
            <Icon name={copied ? "check" : "copy"} size={14} />
          </Button>
        )}
      </CopyButton>
    </span>
  );
}
