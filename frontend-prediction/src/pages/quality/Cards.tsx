import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Schemas } from "@/api/client";
import { modelsQuery } from "@/api/queries";
import { formatDay, formatNumber, formatPercent } from "@/shared/format";
import { HEADLINES } from "@/shared/metrics";
import { StateWord, type Tone } from "@/shared/StateWord";
import { Card } from "./Card";
import type { Cycle } from "./cycles";
import { usePrevious } from "./looked_at";
import classes from "./quality.module.css";

const TONES: Record<Schemas["CycleStatus"], Tone> = { ok: "good", insufficient_data: "warning", backtest: "warning" };

/** The six figures of the cycle, beside the cycle before and what its version promised at the gate. */
export function Cards({ cycle }: { cycle: Cycle }) {
  const { t } = useTranslation("quality");
  const { data: models } = useQuery(modelsQuery);
  const promised = models?.versions.find((version) => version.version === cycle.model_version)?.metrics;
  const previous = usePrevious(cycle);
  return (
    <section aria-label={t("cards")}>
      <ul className={classes.cards}>
        {HEADLINES.map((metric) => (
          <Card key={metric} metric={metric} cycle={cycle} previous={previous} promised={promised?.[metric]} />
        ))}
      </ul>
      <Coverage cycle={cycle} />
      <Basis cycle={cycle} previous={previous} />
    </section>
  );
}

const RANGES = ["coverage", "total_coverage"] as const;

/** How often the 80 % ranges held, of operations and of whole lots; an earlier release measured no totals. */
function Coverage({ cycle }: { cycle: Cycle }) {
  const { t } = useTranslation("quality");
  const measured = RANGES.filter((range) => cycle[range] != null);
  if (measured.length === 0) return null;
  return (
    <p className={classes.basis}>
      <span>{t("ranges.title")}</span>
      {measured.map((range) => {
        const [low, high] = cycle.intervals?.[range] ?? [];
        return (
          <span key={range} title={t(`ranges.help.${range}`)}>
            {t(`ranges.${range}`, { share: formatPercent(cycle[range]) })}
            {low !== undefined && high !== undefined && (
              <> ({t("card.interval", { low: formatNumber(100 * low, 1), high: formatPercent(high) })})</>
            )}
          </span>
        );
      })}
    </p>
  );
}

function Basis({ cycle, previous }: { cycle: Cycle; previous: Cycle | null | undefined }) {
  const { t } = useTranslation("quality");
  const { items, operations } = cycle.sample_count;
  const { start, end } = cycle.window;
  return (
    <p className={classes.basis}>
      <StateWord tone={TONES[cycle.status]}>{t(`status.${cycle.status}`)}</StateWord>
      <span>{t("basis.sample", { items: formatNumber(items), operations: formatNumber(operations) })}</span>
      {start && <span>{t("basis.window", { start: formatDay(start), end: formatDay(end) })}</span>}
      <span>
        {t("basis.sampling", {
          strategy: t(`strategy.${cycle.sampling.strategy}`),
          size: formatNumber(cycle.sampling.sample_size),
        })}
      </span>
      {previous && <span>{t("basis.comparedWith", { day: formatDay(previous.created_at) })}</span>}
      {previous === null && <span>{t("basis.nothingBefore")}</span>}
    </p>
  );
}
