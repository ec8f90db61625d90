import { Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { AskDialog } from "@/shared/AskDialog";
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
import { NewPassword } from "./NewPassword";
import { changeUser, removeUser, type User, useAccessChange, usersQuery } from "./queries";
import { RoleSelect } from "./RoleSelect";
import { UserActions } from "./UserActions";

/** Who may log in, and as what. */
export function Users() {
  const { t } = useTranslation("users");
  const [adding, setAdding] = useState(false);
  const [renewing, setRenewing] = useState<string | null>(null);
  const [removing, setRemoving] = useState<string | null>(null);
  const query = useQuery(usersQuery);
  const { mutate, error } = useAccessChange(changeUser);
  const remove = useAccessChange(removeUser, () => setRemoving(null));
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
          <UserActions
            user={user}
            onSwitch={() => mutate({ name: user.name, body: { disabled: !user.disabled } })}
            onPassword={() => setRenewing(user.name)}
            onRemove={() => setRemoving(user.name)}
          />
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
            <DataTable
              label={t("users.title")}
              rows={users}
              columns={columns}
              rowKey={(user) => user.name}
              minWidth={800}
            />
          )}
        </Loaded>
      </Stack>
      {adding && <AddUser onClose={() => setAdding(false)} />}
      {renewing && <NewPassword name={renewing} onClose={() => setRenewing(null)} />}
      {removing && (
        <AskDialog
          title={t("users.removeLabel", { name: removing })}
          action={t("users.remove")}
          busy={remove.isPending}
          error={remove.error}
          onConfirm={() => remove.mutate(removing)}
          onClose={() => {
            remove.reset();
            setRemoving(null);
          }}
        >
          <Text>{t("users.removeEffect")}</Text>
        </AskDialog>
      )}
    </Panel>
  );
}
