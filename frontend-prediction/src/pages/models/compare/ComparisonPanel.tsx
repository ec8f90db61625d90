import { Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { FigureTable } from "@/shared/gate/FigureTable";
import { Panel } from "@/shared/Panel";
import { StateWord } from "@/shared/StateWord";
import { Loaded } from "@/shared/states/Loaded";
import { type Comparison, comparisonQuery } from "../queries";
import { SegmentTable } from "../SegmentTable";
import { Differences } from "./Differences";
import { columnsOf } from "./figure_columns";

/** Two versions side by side: `left` is the one compared with, `right` the one that is open. */
export function ComparisonPanel({ left, right }: { left: string; right: string }) {
  const { t } = useTranslation("models");
  const query = useQuery(comparisonQuery(left, right));
  return (
    <Panel title={t("compare.title")} caption={t("compare.caption", { left, right })}>
      <Loaded query={query} height={360}>
        {(comparison) => <Sides comparison={comparison} />}
      </Loaded>
    </Panel>
  );
}

function Sides({ comparison }: { comparison: Comparison }) {
  const { t } = useTranslation("models");
  const same = comparison.measured_on === "same_work";
  const columns = columnsOf(comparison);
  return (
    <Stack>
      <StateWord tone={same ? "good" : "warning"}>{t(same ? "compare.sameWork" : "compare.differentWork")}</StateWord>
      <FigureTable label={t("compare.title")} columns={columns} />
      {comparison.segments.length > 0 && (
        <SegmentTable segments={comparison.segments} left={t("compare.left")} right={t("compare.right")} />
      )}
      <div>
        <Title order={3} size="md" mb="xs">
          {t("compare.madeWith")}
        </Title>
        {comparison.differences.length === 0 ? (
          <Text c="dimmed">{t("compare.noDifference")}</Text>
        ) : (
          <Differences differences={comparison.differences} />
        )}
      </div>
    </Stack>
  );
}
