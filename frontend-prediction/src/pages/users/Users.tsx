import { Button, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { formatMoment, zoneName } from "@/shared/format";
import { Panel } from "@/shared/Panel";
import { RoleButton } from "@/shared/RoleButton";
import { StateWord } from "@/shared/StateWord";
import { EmptyState } from "@/shared/states/EmptyState";
import { ErrorState } from "@/shared/states/ErrorState";
import { Loaded } from "@/shared/states/Loaded";
import type { Column } from "@/shared/table/columns";
import { DataTable } from "@/shared/table/DataTable";
import { AddUser } from "./AddUser";
import { changeUser, type User, useAccessChange, usersQuery } from "./queries";
import { RoleSelect } from "./RoleSelect";

/** Who may log in, and as what. */
export function Users() {
  const { t } = useTranslation("users");
  const [adding, setAdding] = useState(false);
  const query = useQuery(usersQuery);
  const { mutate, error } = useAccessChange(changeUser);
  const columns = useMemo<Column<User>[]>(
    () => [
      { key: "name", title: t("name"), show: (user) => user.name },
      {
        key: "role",
        title: t("role"),
        show: (user) => (
          <RoleSelect
            size="xs"
            aria-label={t("users.roleOf", { name: user.name })}
            value={user.role}
            onChange={(role) => mutate({ name: user.name, body: { role } })}
          />
        ),
      },
      {
        key: "state",
        title: t("state"),
        show: (user) => (
          <StateWord tone={user.disabled ? "neutral" : "good"}>
            {t(user.disabled ? "users.disabled" : "users.enabled")}
          </StateWord>
        ),
      },
      {
        key: "created",
        title: t("created", { zone: zoneName() }),
        show: (user) => formatMoment(user.created_at, { zone: false }),
      },
      {
        key: "change",
        title: t("change"),
        show: (user) => (
          <Button
            size="compact-xs"
            variant="default"
            aria-label={t(user.disabled ? "users.enableLabel" : "users.disableLabel", { name: user.name })}
            onClick={() => mutate({ name: user.name, body: { disabled: !user.disabled } })}
          >
            {t(user.disabled ? "users.enable" : "users.disable")}
          </Button>
        ),
      },
    ],
    [t, mutate],
  );
  return (
    <Panel
      title={t("users.title")}
      actions={
        <RoleButton needs="admin" onClick={() => setAdding(true)}>
          {t("users.add")}
        </RoleButton>
      }
    >
      <Stack gap="sm">
        {error && <ErrorState error={error} />}
        <Loaded
          query={query}
          height={104}
          empty={{
            when: ({ users }) => users.length === 0,
            show: <EmptyState why={t("users.none")} remedy={t("users.first")} />,
          }}
        >
          {({ users }) => (
            <DataTable label={t("users.title")} rows={users} columns={columns} rowKey={(user) => user.name} />
          )}
        </Loaded>
      </Stack>
      {adding && <AddUser onClose={() => setAdding(false)} />}
    </Panel>
  );
}
