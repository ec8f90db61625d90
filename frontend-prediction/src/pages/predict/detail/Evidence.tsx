import { Text, Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { formatPercent } from "@/shared/format";
import { EmptyState } from "@/shared/states/EmptyState";
import classes from "../predict.module.css";
import type { Operation, Prediction } from "../routing";
import { useAttributeName } from "../words";
import { Reasons } from "./Reasons";
import { SimilarItems } from "./SimilarItems";

/** What backs the candidates: similar items, their work orders, what counted in the match, and why each operation. */
export function Evidence({ prediction, steps }: { prediction: Prediction; steps: readonly Operation[] }) {
  const { t } = useTranslation("predict");
  return (
    <div className={classes.block}>
      <div>
        <Title order={3} size="h5">
          {t("evidence.similar")}
        </Title>
        <Text c="dimmed" fz="sm">
          {t("evidence.similarHelp")}
        </Text>
      </div>
      {prediction.similar_items.length > 0 ? (
        <SimilarItems prediction={prediction} steps={steps} />
      ) : (
        <EmptyState why={t("evidence.none")} />
      )}
      {prediction.influences.length > 0 && (
        <>
          <Title order={3} size="h5">
            {t("evidence.influences")}
          </Title>
          <Influences influences={prediction.influences} />
        </>
      )}
      {prediction.reasons.length > 0 && (
        <>
          <div>
            <Title order={3} size="h5">
              {t("evidence.reasons")}
            </Title>
            <Text c="dimmed" fz="sm">
              {t("evidence.reasonsHelp")}
            </Text>
          </div>
          <Reasons prediction={prediction} />
        </>
      )}
    </div>
  );
}

function Influences({ influences }: { influences: Prediction["influences"] }) {
  const nameOf = useAttributeName();
  return (
    <dl className={classes.influences}>
      {influences.map(({ attribute, share }) => (
        <div key={attribute}>
          <dt title={attribute}>{nameOf(attribute)}</dt>
          <svg aria-hidden="true" focusable="false">
            <rect className={classes.rangeBar} width={`${100 * share}%`} height="10" />
          </svg>
          <dd>{formatPercent(share, 0)}</dd>
        </div>
      ))}
    </dl>
  );
}
