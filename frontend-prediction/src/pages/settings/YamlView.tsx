import { Button, CopyButton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Icon } from "@/shared/icons";
import { Panel } from "@/shared/Panel";
import classes from "./settings.module.css";

/** The file as it is stored. */
export function YamlView({ yaml }: { yaml: string }) {
  const { t } = useTranslation(["settings", "shared"]);
  const copy = (
    <CopyButton value={yaml}>
      {({ copied, copy }) => (
        <Button variant="default" leftSection={<Icon name={copied ? "check" : "copy"} size={15} />} onClick={copy}>
          {copied ? t("copied", { ns: "shared" }) : t("yaml.copy")}
        </Button>
      )}
    </CopyButton>
  );
  return (
    <Panel title={t("yaml.title")} caption={t("yaml.caption")} actions={copy}>
      {/* It scrolls, so it must be reachable by keyboard (WCAG 2.1.1). */}
      <section className={classes.yaml} tabIndex={0} aria-label={t("yaml.title")}>
        <pre lang="en" translate="no">
          {yaml}
        </pre>
      </section>
    </Panel>
  );
}
