import { Text } from "@mantine/core";
import type { ReactNode } from "react";
import { Icon } from "@/shared/icons";
import classes from "./states.module.css";

/** Why there is nothing here, and what to do about it; `children` is the button or command that does it. */
export function EmptyState({ why, remedy, children }: { why: string; remedy?: string; children?: ReactNode }) {
  return (
    <div className={classes.empty}>
      <Icon name="empty" size={28} />
      <Text fw={600}>{why}</Text>
      {remedy && <Text c="dimmed">{remedy}</Text>}
      {children}
    </div>
  );
}
