import { Group, NativeSelect, Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Panel } from "@/shared/Panel";
import { Loaded } from "@/shared/states/Loaded";
import { Activate } from "../Activate";
import { type Details, type Models, versionQuery } from "../queries";
import { GatePart } from "./GatePart";
import { MadeOf } from "./MadeOf";
import { Origin } from "./Origin";

interface Props {
  version: string;
  models: Models;
  /** The version that this one is compared with; "" for none. */
  compare: string;
  onCompare: (version: string) => void;
}

/** One version: where it comes from, what the gate saw, and making it the champion. */
export function DetailsPanel({ version, models, compare, onCompare }: Props) {
  const { t } = useTranslation("models");
  const query = useQuery(versionQuery(version));
  const others = models.versions.filter((one) => one.version !== version);
  return (
    <Panel
      title={t("details.title")}
      caption={version}
      actions={
        <Group gap="sm" align="flex-end">
          {others.length > 0 && (
            <NativeSelect
              aria-label={t("compare.with")}
              value={compare}
              onChange={({ currentTarget }) => onCompare(currentTarget.value)}
              data={[
                { value: "", label: t("compare.none") },
                ...others.map((one) => ({ value: one.version, label: t("compare.to", { version: one.version }) })),
              ]}
            />
          )}
          {models.active_version !== version && <Activate version={version} now={models.active_version} />}
        </Group>
      }
    >
      <Loaded query={query} height={360}>
        {(details) => <Sections details={details} />}
      </Loaded>
    </Panel>
  );
}

function Sections({ details }: { details: Details }) {
  const { t } = useTranslation("models");
  return (
    <Stack gap="lg">
      <Origin details={details} />
      <Section title={t("details.gate")}>
        {details.gate ? <GatePart gate={details.gate} /> : <Text c="dimmed">{t("details.noGate")}</Text>}
      </Section>
      <Section title={t("details.madeOf")}>
        <MadeOf details={details} />
      </Section>
    </Stack>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div>
      <Title order={3} size="h2" mb="xs">
        {title}
      </Title>
      {children}
    </div>
  );
}
