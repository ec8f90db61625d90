import { Button, NativeSelect, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { LAST, SEVERITIES, useAddress } from "./address";
import classes from "./quality.module.css";

/** Which cycles and alerts are shown; all of it stands in the address. */
export function Filters() {
  const { t } = useTranslation("quality");
  const [address, change] = useAddress();
  const counts = [...new Set<number>([...LAST, address.last])].sort((one, other) => one - other);
  const isFiltered = address.from !== "" || address.to !== "" || address.severity !== "all";
  return (
    <search className={classes.filters} aria-label={t("filters.label")}>
      <NativeSelect
        label={t("filters.last")}
        value={String(address.last)}
        onChange={(event) => change({ last: Number(event.currentTarget.value) })}
        data={counts.map((count) => ({ value: String(count), label: t("filters.count", { count }) }))}
      />
      <TextInput
        type="date"
        label={t("filters.from")}
        value={address.from}
        max={address.to || undefined}
        onChange={(event) => change({ from: event.currentTarget.value }, { replace: true })}
      />
      <TextInput
        type="date"
        label={t("filters.to")}
        value={address.to}
        min={address.from || undefined}
        onChange={(event) => change({ to: event.currentTarget.value }, { replace: true })}
      />
      <NativeSelect
        label={t("filters.severity")}
        value={address.severity}
        onChange={(event) => change({ severity: SEVERITIES.find((one) => one === event.currentTarget.value) })}
        data={SEVERITIES.map((severity) => ({ value: severity, label: t(`severity.${severity}`) }))}
      />
      {isFiltered && (
        <Button variant="default" onClick={() => change({ from: "", to: "", severity: "all" })}>
          {t("filters.clear")}
        </Button>
      )}
    </search>
  );
}
