import { Progress, Text } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { formatNumber } from "@/shared/format";
import type { Arriving } from "../queries";

interface Props {
  list: UseQueryResult<Arriving<unknown>>;
  standards: UseQueryResult<Arriving<unknown>>;
}

/** How far predictions, then the ERP's routings, have come; nothing once all are there. */
export function ArrivingNotice({ list, standards }: Props) {
  const { t } = useTranslation("predict");
  const total = list.data?.total ?? 0;
  if (list.data && list.data.rows.length < total)
    return <Bar kind="arriving" done={list.data.rows.length} total={total} />;
  if (list.isFetching) return <Note>{t("list.again")}</Note>;
  if (!standards.isFetching || standards.data?.rows.length === total) return null;
  return <Bar kind="comparing" done={standards.data?.rows.length ?? 0} total={total} />;
}

function Bar({ kind, done, total }: { kind: "arriving" | "comparing"; done: number; total: number }) {
  const { t } = useTranslation("predict");
  const label = t(`list.${kind}`, { done: formatNumber(done), total: formatNumber(total) });
  return (
    <div>
      <Note>{label}</Note>
      <Progress value={(100 * done) / total} aria-label={label} />
    </div>
  );
}

function Note({ children }: { children: string }) {
  return (
    <Text role="status" fz="sm" c="dimmed">
      {children}
    </Text>
  );
}
