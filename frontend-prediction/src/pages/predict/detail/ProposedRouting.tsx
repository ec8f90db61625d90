import { Button, Group, Tabs } from "@mantine/core";
import { lazy, type RefObject, Suspense, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { formatPercent } from "@/shared/format";
import { Icon } from "@/shared/icons";
import { useShortcuts } from "@/shared/keys";
import { Loading } from "@/shared/states/Loading";
import { useUrlState } from "@/shared/url_state";
import { ADDRESS, type DetailTab, TABS } from "../address";
import type { ItemStandards } from "../attention";
import { DecisionForm } from "../decide/DecisionForm";
import { DecisionHistory } from "../decide/DecisionHistory";
import { EditorBar } from "../edit/EditorBar";
import { startEdit, useEdit } from "../edit/edits";
import { stepsOf } from "../edit/steps";
import classes from "../predict.module.css";
import type { Subject } from "../queries";
import type { Prediction } from "../routing";
import { type Alternative, otherCandidates, standardsOf } from "./alternatives";
import { Comparison } from "./Comparison";
import { Evidence } from "./Evidence";
import { OperationTable } from "./OperationTable";
import { RoutingTotal } from "./RoutingTotal";
import { editNameOf } from "./subject";
import { minutesOfSteps } from "./total_range";

const Flow = lazy(() => import("./Flow"));

interface Props {
  subject: Subject;
  prediction: Prediction;
  modelVersion: string;
  /** Whether all candidates and the evidence have come. */
  isWhole: boolean;
  standards: ItemStandards | null;
  standardsAreKnown: boolean;
  alternatives: readonly Alternative[];
}

/** The candidates of an item, or the routing that a planner has made of one. */
export function ProposedRouting(props: Props) {
  const { subject, prediction, modelVersion, isWhole } = props;
  const { t } = useTranslation("predict");
  const [address, change] = useUrlState(ADDRESS);
  const editName = editNameOf(subject);
  const edit = useEdit(editName);
  const keys = useMemo(
    () => [...prediction.candidates.map((_, index) => String(index + 1)), ...(edit ? ["edited"] : [])],
    [prediction, edit],
  );
  const wanted = keys.includes(address.candidate) ? address.candidate : "1";
  const isEdited = wanted === "edited" && edit !== null;
  const candidate = prediction.candidates[Number(wanted) - 1] ?? prediction.candidates[0];
  useCandidateKeys(keys, wanted);
  const details = useRef<HTMLDivElement>(null);
  if (!candidate) return null;
  if (!isWhole && wanted !== address.candidate && address.candidate !== "edited") return <Loading height={360} />;

  const steps = isEdited ? edit.steps : stepsOf(candidate.operations);
  const begin = () => {
    startEdit(editName, { modelVersion, steps: stepsOf(candidate.operations) });
    change({ candidate: "edited" }, { replace: true });
  };
  const shown = { ...props, steps, shownKey: wanted, start: details };
  return (
    <>
      <Tabs value={wanted} onChange={(key) => key && change({ candidate: key }, { replace: true })} keepMounted={false}>
        <Group gap="xs" justify="space-between" align="flex-end">
          <Tabs.List aria-label={t("detail.candidates")}>
            {keys.map((key) => (
              <Tabs.Tab key={key} value={key}>
                {key === "edited"
                  ? t("detail.edited")
                  : t("detail.candidate", {
                      number: key,
                      probability: formatPercent(prediction.candidates[Number(key) - 1]?.probability),
                    })}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          {!isEdited && (
            <Button size="xs" variant="default" leftSection={<Icon name="edit" size={15} />} onClick={begin}>
              {t(edit ? "edit.beginAgain" : "edit.begin")}
            </Button>
          )}
        </Group>
        <Tabs.Panel value={wanted} className={classes.block} pt="sm">
          {isEdited && <EditorBar name={editName} edit={edit} modelVersion={modelVersion} />}
          <RoutingTotal steps={steps} prediction={prediction} candidate={candidate} />
          <OperationTable
            steps={steps}
            prediction={prediction}
            total={minutesOfSteps(steps, prediction, candidate.total_spread ?? null)}
            editName={isEdited ? editName : null}
            onPast={() => details.current?.querySelector<HTMLElement>("[aria-selected=true]")?.focus()}
          />
          <DecisionForm
            key={wanted}
            isEdited={isEdited}
            subject={subject}
            prediction={prediction}
            modelVersion={modelVersion}
            steps={steps}
            onKeptOther={begin} // from here on the list and the export show what was taken
          />
        </Tabs.Panel>
      </Tabs>
      <Details {...shown} tab={address.tab} onTab={(tab) => change({ tab }, { replace: true })} />
    </>
  );
}

type Shown = Props & {
  steps: ReturnType<typeof stepsOf>;
  shownKey: string;
  tab: DetailTab;
  onTab: (tab: DetailTab) => void;
  /** Where the details begin. */
  start: RefObject<HTMLDivElement | null>;
};

function Details({ subject, prediction, isWhole, standards, standardsAreKnown, alternatives, ...shown }: Shown) {
  const { t } = useTranslation("predict");
  const { steps, shownKey, tab, onTab, start } = shown;
  const others = useMemo(
    () => [...alternatives, ...standardsOf(standards), ...otherCandidates(prediction, shownKey)],
    [alternatives, standards, prediction, shownKey],
  );
  const compared = { steps, quantity: prediction.quantity, others };
  return (
    <Tabs value={tab} onChange={(key) => onTab((key ?? "evidence") as DetailTab)} keepMounted={false}>
      <Tabs.List aria-label={t("detail.tabs")} ref={start}>
        {TABS.map((key) => (
          <Tabs.Tab key={key} value={key}>
            {t(`detail.tab.${key}`)}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value="evidence" pt="sm">
        {isWhole ? <Evidence prediction={prediction} steps={steps} /> : <Loading height={200} />}
      </Tabs.Panel>
      <Tabs.Panel value="compare" pt="sm">
        <Comparison {...compared} standards={standards} standardsAreKnown={standardsAreKnown} />
      </Tabs.Panel>
      <Tabs.Panel value="flow" pt="sm">
        <Suspense fallback={<Loading height={352} />}>
          <Flow {...compared} />
        </Suspense>
      </Tabs.Panel>
      <Tabs.Panel value="history" pt="sm">
        <DecisionHistory code={subject.code} />
      </Tabs.Panel>
    </Tabs>
  );
}

/** `[` and `]` go to the candidate before and after. */
function useCandidateKeys(keys: readonly string[], now: string): void {
  const { t } = useTranslation("predict");
  const [, change] = useUrlState(ADDRESS);
  useShortcuts(
    useMemo(() => {
      const go = (by: number) => () => {
        const key = keys[keys.indexOf(now) + by];
        if (key) change({ candidate: key }, { replace: true });
      };
      return [
        { code: "BracketLeft", label: t("detail.before"), run: go(-1) },
        { code: "BracketRight", label: t("detail.after"), run: go(1) },
      ];
    }, [keys, now, change, t]),
  );
}
