import { Button, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { AskDialog } from "@/shared/AskDialog";
import { formatMoment, zoneName } from "@/shared/format";
import { Panel } from "@/shared/Panel";
import { RoleButton } from "@/shared/RoleButton";
import { EmptyState } from "@/shared/states/EmptyState";
import { Loaded } from "@/shared/states/Loaded";
import type { Column } from "@/shared/table/columns";
import { DataTable } from "@/shared/table/DataTable";
import { AddKey } from "./AddKey";
import { type Key, keysQuery, revokeKey, useAccessChange } from "./queries";

/** What programs send instead of a login. */
export function Keys() {
  const { t } = useTranslation(["users", "access"]);
  const [adding, setAdding] = useState(false);
  const [asking, setAsking] = useState<Key | null>(null);
  const query = useQuery(keysQuery);
  const revoke = useAccessChange(revokeKey, () => setAsking(null));
  const columns = useMemo<Column<Key>[]>(() => {
    const moment = (value: string | null) => formatMoment(value, { zone: false });
    const zone = zoneName();
    return [
      { key: "name", title: t("name"), show: (key) => key.name },
      { key: "role", title: t("role"), show: (key) => t(`roles.${key.role}`, { ns: "access" }) },
      { key: "created", title: t("created", { zone }), show: (key) => moment(key.created_at) },
      { key: "used", title: t("keys.lastUsed", { zone }), show: (key) => moment(key.last_used_at) },
      {
        key: "revoked",
        title: t("keys.revoked", { zone }),
        show: (key) =>
          key.revoked_at ? (
            moment(key.revoked_at)
          ) : (
            <Button
              size="compact-xs"
              variant="default"
              aria-label={t("keys.revokeLabel", { name: key.name })}
              onClick={() => setAsking(key)}
            >
              {t("keys.revoke")}
            </Button>
          ),
      },
    ];
  }, [t]);
  return (
    <Panel
      title={t("keys.title")}
      caption={t("keys.caption")}
      actions={
        <RoleButton needs="admin" onClick={() => setAdding(true)}>
          {t("keys.add")}
        </RoleButton>
      }
    >
      <Loaded
        query={query}
        height={104}
        empty={{ when: ({ keys }) => keys.length === 0, show: <EmptyState why={t("keys.none")} /> }}
      >
        {({ keys }) => (
          <DataTable
            label={t("keys.title")}
            rows={keys}
            columns={columns}
            rowKey={(key) => key.key_id}
            minWidth={700}
          />
        )}
      </Loaded>
      {adding && <AddKey onClose={() => setAdding(false)} />}
      {asking && (
        <AskDialog
          title={t("keys.revokeLabel", { name: asking.name })}
          action={t("keys.revoke")}
          busy={revoke.isPending}
          error={revoke.error}
          onConfirm={() => revoke.mutate(asking.key_id)}
          onClose={() => setAsking(null)}
        >
          <Text>{t("keys.effect")}</Text>
        </AskDialog>
      )}
    </Panel>
  );
}
