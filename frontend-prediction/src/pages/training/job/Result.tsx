import { Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { formatMoment, formatNumber } from "@/shared/format";
import { FigureTable } from "@/shared/gate/FigureTable";
import { Verdict } from "@/shared/gate/Verdict";
import { JOB_TONES, type Job } from "@/shared/jobs";
import { Panel } from "@/shared/Panel";
import { StateWord } from "@/shared/StateWord";
import { type Figures, type GateOutcome, gateOutcome, outcomeOf, skipReason } from "../outcome";
import classes from "../training.module.css";

/** What became of a job that has ended. */
export function Result({ job }: { job: Job }) {
  const { t } = useTranslation(["training", "words"]);
  const gate = gateOutcome(job);
  const outcome = outcomeOf(job);
  const skipped = skipReason(job);
  return (
    <Panel title={t("result.title")}>
      <Stack>
        <StateWord tone={JOB_TONES[job.status]}>
          {[t(`jobStatus.${job.status}`, { ns: "words" }), outcome && t(`outcome.${outcome}`)]
            .filter(Boolean)
            .join(" · ")}
        </StateWord>
        {job.error && (
          <Text lang="en" className={classes.serverWords}>
            {job.error}
          </Text>
        )}
        {skipped && <Text lang="en">{skipped}</Text>}
        {gate && <Gate gate={gate} />}
        {job.kind === "evaluation" && job.result && <Evaluation result={job.result} />}
      </Stack>
    </Panel>
  );
}

function Gate({ gate }: { gate: GateOutcome }) {
  const { t } = useTranslation("training");
  const { judged_after: after, judged_until: until } = gate.dataSeen;
  const columns = [
    ...(gate.champion && Object.keys(gate.championMetrics).length > 0
      ? [{ title: t("result.champion"), metrics: gate.championMetrics }]
      : []),
    { title: t("result.challenger"), metrics: gate.metrics },
  ];
  return (
    <>
      <Verdict promoted={gate.promoted} reason={gate.reason} checks={gate.checks} />
      {gate.version && (
        <Link to="/models" search={{ version: gate.version } as never} className={classes.link}>
          {t("result.toVersion", { version: gate.version })}
        </Link>
      )}
      {Object.keys(gate.metrics).length > 0 && (
        <div>
          <FigureTable label={t("result.figures")} columns={columns} />
          {typeof after === "string" && typeof until === "string" && (
            <Text c="dimmed" fz="sm" mt="xs">
              {t("result.judgedOn", {
                operations: formatNumber(gate.comparedOperations),
                after: formatMoment(after),
                until: formatMoment(until),
              })}
            </Text>
          )}
        </div>
      )}
    </>
  );
}

/** The cycle that an evaluation stored; the quality page shows it whole. */
function Evaluation({ result }: { result: Record<string, unknown> }) {
  const { t } = useTranslation("training");
  const intervals = (result.intervals ?? {}) as Record<string, number[]>;
  return (
    <>
      {typeof result.message === "string" && <Text lang="en">{result.message}</Text>}
      {result.status !== "insufficient_data" && (
        <FigureTable
          label={t("result.figures")}
          columns={[{ title: t("result.evaluated"), metrics: result as Figures, intervals }]}
        />
      )}
    </>
  );
}
