import { Text } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { formatNumber } from "@/shared/format";
import { Panel } from "@/shared/Panel";
import type { Cycle } from "./cycles";
import { usePartName } from "./part_names";
import classes from "./quality.module.css";

/** What the cycle found to have changed in the plant, beyond chance. */
export function Changed({ cycle }: { cycle: Cycle }) {
  const { t } = useTranslation("quality");
  const { drift } = cycle;
  if (!drift)
    return (
      <Panel title={t("changed.title")}>
        <Text c="dimmed">{t("changed.notLooked")}</Text>
      </Panel>
    );
  const caption = t("changed.caption", {
    since: drift.since,
    until: drift.until,
    operations: formatNumber(drift.operations),
  });
  const isQuiet = drift.errors.length + drift.inputs.length === 0;
  return (
    <Panel title={t("changed.title")} caption={caption}>
      {isQuiet && <Text>{t("changed.nothing")}</Text>}
      <ul className={classes.findings}>
        {drift.errors.map((found) => (
          <ErrorLine key={`${found.dimension} ${found.value}`} found={found} />
        ))}
        {drift.inputs.map((found) => (
          <InputLine key={`${found.population} ${found.attribute}`} found={found} />
        ))}
      </ul>
    </Panel>
  );
}

function ErrorLine({ found }: { found: Schemas["ErrorDriftView"] }) {
  const { t } = useTranslation("quality");
  const partName = usePartName();
  const sign = found.change_pct > 0 ? 1 : -1;
  const bounds = [sign * found.low_pct, sign * found.high_pct].sort((one, other) => one - other);
  return (
    <li>
      <strong>
        {t(sign > 0 ? "changed.longer" : "changed.less", {
          part: partName(found.dimension, found.value),
          change: formatNumber(Math.abs(found.change_pct)),
        })}
      </strong>
      <span className={classes.evidence}>
        {t(found.began_before ? "changed.sinceOrBefore" : "changed.since", { day: found.since })}{" "}
        {t("changed.evidence", {
          low: formatNumber(bounds[0]),
          high: formatNumber(bounds[1]),
          operations: formatNumber(found.operations),
          items: formatNumber(found.items),
        })}
      </span>
    </li>
  );
}

function InputLine({ found }: { found: Schemas["InputDriftView"] }) {
  const { t } = useTranslation("quality");
  const population = found.population === "new_items" ? "newItems" : "itemsInWork";
  return (
    <li>
      <strong>{t("changed.input", { attribute: found.attribute, value: found.value })}</strong>
      <span className={classes.evidence}>
        {t(`changed.${population}`, {
          before: formatNumber(found.before_pct),
          now: formatNumber(found.share_pct),
          items: formatNumber(found.items),
        })}
      </span>
    </li>
  );
}
