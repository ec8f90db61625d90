import "@xyflow/react/dist/style.css";
import { Button, Group, useComputedColorScheme } from "@mantine/core";
import { Background, Controls, type Edge, Handle, type Node, type NodeProps, Position, ReactFlow } from "@xyflow/react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { formatMinutes, formatNumber } from "@/shared/format";
import { useUrlState } from "@/shared/url_state";
import { ADDRESS } from "../address";
import { align } from "../alignment";
import classes from "../predict.module.css";
import { lotMinutes, type Operation, totalMinutes } from "../routing";
import { useAlternativeName } from "./alternative_name";
import type { Alternative } from "./alternatives";
import flow from "./flow.module.css";
import { folded, MOST_UNFOLDED } from "./flow_folding";
import { type FlowStep, layOut } from "./flow_layout";

interface Props {
  steps: readonly Operation[];
  quantity: number;
  others: readonly Alternative[];
}

const ROW_PX = 76;
const LANE_PX = 165; // two boxes side by side with a gap between them, through which a way straight on passes

const BOX_PX = 310; // also in flow.module.css
const LONG_WIDTH_PX = BOX_PX + 2 * LANE_PX;

type StepNode = Node<{ step: FlowStep; quantity: number; onOpen: (at: number) => void }, "step">;

const nodeTypes = { step: StepBox };
const NONE: ReadonlySet<number> = new Set();
const BOXES_AT_ONCE = 150; // more of them keep the browser busy where routings differ all over

/** The operations as a flow; where the compared routing goes another way, both ways are drawn. */
export default function Flow({ steps, quantity, others }: Props) {
  const { t } = useTranslation("predict");
  const [address] = useUrlState(ADDRESS);
  const scheme = useComputedColorScheme("light");
  const nameOf = useAlternativeName();
  const [opened, setOpened] = useState(NONE);
  const [most, setMost] = useState(BOXES_AT_ONCE);
  const other = others.find(({ key }) => key === address.against) ?? others[0];
  const rows = useMemo(() => align(steps, other?.operations ?? steps, quantity), [steps, other, quantity]);
  const isLong = rows.length > MOST_UNFOLDED;
  const all = useMemo(() => folded(rows, opened), [rows, opened]);
  const left = all.length - most;
  const { nodes, edges, height } = useMemo(() => {
    const laid = layOut(all.slice(0, most));
    const onOpen = (at: number) => setOpened((before) => new Set(before).add(at));
    const boxes: StepNode[] = laid.steps.map((step) => ({
      id: step.id,
      type: "step",
      position: { x: step.lane * LANE_PX, y: step.place * ROW_PX },
      data: { step, quantity, onOpen },
    }));
    const arrows: Edge[] = laid.arrows.map(({ from, to, lane }) => ({
      id: `${from} ${to} ${lane}`,
      source: from,
      target: to,
      className: lane === "other" ? flow.otherEdge : flow.edge,
      ariaLabel: "",
    }));
    return { nodes: boxes, edges: arrows, height: (laid.places + 0.5) * ROW_PX };
  }, [all, most, quantity]);
  const drawn = { nodes, edges, colorMode: scheme, ariaLabelConfig: useControlWords() };
  return (
    <div className={classes.block}>
      <Group justify="space-between">
        <p className={flow.legend}>
          {other ? t("flow.legend", { name: nameOf(other) }) : t("flow.legendAlone")} {isLong && t("flow.folded")}
        </p>
        {opened.size > 0 && (
          <Button size="xs" variant="default" onClick={() => setOpened(NONE)}>
            {t("flow.foldAgain")}
          </Button>
        )}
      </Group>
      {isLong ? (
        // The region scrolls, so it must be reachable by keyboard (WCAG 2.1.1).
        <section className={`${classes.flow} ${flow.scroller}`} aria-label={t("flow.label")} tabIndex={0} ref={centre}>
          <div className={flow.whole} style={{ height, width: LONG_WIDTH_PX }}>
            <ReactFlow
              {...drawn}
              {...FIXED}
              viewport={{ x: LANE_PX, y: ROW_PX / 4, zoom: 1 }}
              panOnDrag={false}
              zoomOnScroll={false}
              zoomOnPinch={false}
              zoomOnDoubleClick={false}
            />
          </div>
        </section>
      ) : (
        <section className={classes.flow} style={{ height }} aria-label={t("flow.label")}>
          <ReactFlow {...drawn} {...FIXED} fitView fitViewOptions={{ padding: 0.1, maxZoom: 1 }} minZoom={0.1}>
            <Background gap={24} />
            <Controls showInteractive={false} />
          </ReactFlow>
        </section>
      )}
      {left > 0 && (
        <div>
          <Button size="xs" variant="default" onClick={() => setMost(most + BOXES_AT_ONCE)}>
            {t("flow.more", { number: formatNumber(Math.min(left, BOXES_AT_ONCE)), left: formatNumber(left) })}
          </Button>
        </div>
      )}
    </div>
  );
}

/** Where the ways do not fit side by side, the one that both take is seen first. */
function centre(area: HTMLElement | null): void {
  if (area) area.scrollLeft = Math.min(LANE_PX, (area.scrollWidth - area.clientWidth) / 2);
}

const FIXED = {
  nodeTypes,
  nodesDraggable: false,
  nodesConnectable: false,
  nodesFocusable: false,
  edgesFocusable: false,
  preventScrolling: false,
  proOptions: { hideAttribution: true }, // a link to a page that a plant without internet cannot open
};

function useControlWords() {
  const { t } = useTranslation("predict");
  return {
    "controls.ariaLabel": t("flow.controls"),
    "controls.zoomIn.ariaLabel": t("flow.zoomIn"),
    "controls.zoomOut.ariaLabel": t("flow.zoomOut"),
    "controls.fitView.ariaLabel": t("flow.fit"),
  };
}

function StepBox({ data }: NodeProps<StepNode>) {
  const { t } = useTranslation("predict");
  const { operation, run, lane, isOnlyShown } = data.step;
  if (run) return <RunBox run={run} data={data} />;
  return (
    <div
      className={flow.step}
      data-outsourced={!operation.in_house}
      data-lane={lane === 0 ? "both" : isOnlyShown ? "shown" : "other"}
    >
      <Handle type="target" position={Position.Top} isConnectable={false} />
      <span className={flow.name}>
        <strong>{operation.operation_code}</strong> {operation.operation_name}
      </span>
      <span className={flow.minutes}>{formatMinutes(lotMinutes(operation, data.quantity))}</span>
      <span>
        {operation.work_centre} · {t(operation.in_house ? "inHouse" : "outsourced")}
      </span>
      <Handle type="source" position={Position.Bottom} isConnectable={false} />
    </div>
  );
}

/** A folded run of operations, which is opened by pressing it. */
function RunBox({ run, data }: { run: readonly Operation[]; data: StepNode["data"] }) {
  const { t } = useTranslation("predict");
  const [first, last] = [run[0]?.operation_code, run.at(-1)?.operation_code];
  return (
    <button type="button" className={flow.step} data-run onClick={() => data.onOpen(data.step.at)}>
      <Handle type="target" position={Position.Top} isConnectable={false} />
      <strong className={flow.name}>{t("flow.run", { first, last })}</strong>
      <span className={flow.minutes}>{formatMinutes(totalMinutes(run, data.quantity))}</span>
      <span>{t("flow.operations", { count: run.length, number: formatNumber(run.length) })}</span>
      <Handle type="source" position={Position.Bottom} isConnectable={false} />
    </button>
  );
}
