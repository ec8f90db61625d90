import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Facts } from "@/shared/Facts";
import { formatMoment, NO_VALUE } from "@/shared/format";
import { StateWord } from "@/shared/StateWord";
import { useFamilyName } from "@/shared/words";
import classes from "../models.module.css";
import type { Details } from "../queries";

/** A version's place in the line of versions. */
export function Origin({ details }: { details: Details }) {
  const { t } = useTranslation(["models", "words"]);
  const familyName = useFamilyName();
  const job = details.job_id && (
    <Link to={`/training/${details.job_id}`} className={classes.link}>
      {details.job_id}
    </Link>
  );
  return (
    <div className={classes.columns}>
      <Facts
        facts={[
          [
            t("versions.role"),
            details.active ? (
              <StateWord key="role" tone="good">
                {t("versions.champion")}
              </StateWord>
            ) : (
              t("details.inactive")
            ),
          ],
          [t("versions.kind"), t(`versionKind.${details.kind}`, { ns: "words" })],
          [t("versions.family"), familyName(details.family)],
          [t("details.created"), formatMoment(details.created_at)],
          [t("details.cutoff"), formatMoment(details.data_cutoff)],
        ]}
      />
      <Facts
        facts={[
          [t("details.job"), job || NO_VALUE],
          ...(details.replaced ? [[t("details.replaced"), details.replaced] as const] : []),
          ...(details.kind === "refresh"
            ? ([
                [t("details.parent"), details.parent ?? NO_VALUE],
                [t("details.trained"), details.trained_version ?? NO_VALUE],
              ] as const)
            : []),
          [t("details.plant"), details.plant_profile],
        ]}
      />
    </div>
  );
}
