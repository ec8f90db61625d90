import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { meQuery } from "@/api/who";
import { showDialog, useDialog } from "./dialogs";
import classes from "./frame.module.css";

const AccountDialog = lazy(() => import("./AccountDialog"));

/** Who one is and what one may do; opens what can be done about it. */
export function AccountButton() {
  const { t } = useTranslation("access");
  const { data: me } = useQuery(meQuery);
  const open = useDialog() === "account";
  if (!me) return null;
  const name = me.how === "local" ? t("local") : me.name;
  const role = t(`roles.${me.role}`);
  return (
    <>
      <button
        type="button"
        className={classes.account}
        aria-label={t("account.label", { name, role })}
        onClick={() => showDialog("account")}
      >
        <span className={classes.accountName}>{name}</span>
        <span className={classes.accountRole}>{role}</span>
      </button>
      <Suspense>{open && <AccountDialog me={me} onClose={() => showDialog(null)} />}</Suspense>
    </>
  );
}
