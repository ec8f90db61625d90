import { Group, Text, Title } from "@mantine/core";
import { type ReactNode, useId } from "react";
import classes from "./shared.module.css";

interface Props {
  title: string;
  /** One line under the title that says what is shown. */
  caption?: string;
  /** Buttons at the right of the title. */
  actions?: ReactNode;
  children: ReactNode;
}

/** A bordered part of a page with its own title. */
export function Panel({ title, caption, actions, children }: Props) {
  const id = useId();
  return (
    <section className={classes.panel} aria-labelledby={id}>
      <Group justify="space-between" gap="sm" className={classes.panelHead}>
        <div>
          <Title order={2} id={id}>
            {title}
          </Title>
          {caption && (
            <Text c="dimmed" fz="sm">
              {caption}
            </Text>
          )}
        </div>
        {actions}
      </Group>
      {children}
    </section>
  );
}
