import { Stack } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { PageHeader } from "@/shared/PageHeader";
import { Keys } from "./Keys";
import { Users } from "./Users";

export default function UsersPage() {
  const { t } = useTranslation("frame");
  return (
    <>
      <PageHeader title={t("pages.users")} />
      <Stack>
        <Users />
        <Keys />
      </Stack>
    </>
  );
}
