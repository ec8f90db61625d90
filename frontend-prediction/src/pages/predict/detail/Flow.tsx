import "@xyflow/react/dist/style.css";
import { useComputedColorScheme } from "@mantine/core";
import { Background, Controls, type Edge, Handle, type Node, type NodeProps, Position, ReactFlow } from "@xyflow/react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { formatMinutes } from "@/shared/format";
import { useUrlState } from "@/shared/url_state";
import { ADDRESS } from "../address";
import { align } from "../alignment";
import classes from "../predict.module.css";
import { lotMinutes, type Operation } from "../routing";
import { useAlternativeName } from "./alternative_name";
import type { Alternative } from "./alternatives";
import flow from "./flow.module.css";
import { type FlowStep, layOut } from "./flow_layout";

interface Props {
  steps: readonly Operation[];
  quantity: number;
  others: readonly Alternative[];
}

const ROW_PX = 76;
const LANE_PX = 165; // two boxes side by side with a gap between them, through which a way straight on passes

type StepNode = Node<{ step: FlowStep; quantity: number }, "step">;

const nodeTypes = { step: StepBox };

/** The operations as a flow; where the compared routing goes another way, both ways are drawn. */
export default function Flow({ steps, quantity, others }: Props) {
  const { t } = useTranslation("predict");
  const [address] = useUrlState(ADDRESS);
  const scheme = useComputedColorScheme("light");
  const nameOf = useAlternativeName();
  const other = others.find(({ key }) => key === address.against) ?? others[0];
  const { nodes, edges, height } = useMemo(() => {
    const laid = layOut(align(steps, other?.operations ?? steps, quantity));
    const boxes: StepNode[] = laid.steps.map((step) => ({
      id: step.id,
      type: "step",
      position: { x: step.lane * LANE_PX, y: step.place * ROW_PX },
      data: { step, quantity },
    }));
    const arrows: Edge[] = laid.arrows.map(({ from, to, lane }) => ({
      id: `${from} ${to} ${lane}`,
      source: from,
      target: to,
      className: lane === "other" ? flow.otherEdge : flow.edge,
      ariaLabel: "",
    }));
    return { nodes: boxes, edges: arrows, height: (laid.places + 0.5) * ROW_PX };
  }, [steps, other, quantity]);
  return (
    <div className={classes.block}>
      <p className={flow.legend}>{other ? t("flow.legend", { name: nameOf(other) }) : t("flow.legendAlone")}</p>
      <section className={classes.flow} style={{ height: height }} aria-label={t("flow.label")}>
        <ReactFlow
          nodes={nodes}
          edges={edges}
          nodeTypes={nodeTypes}
          colorMode={scheme}
          fitView
          fitViewOptions={{ padding: 0.1, maxZoom: 1 }}
          minZoom={0.1}
          nodesDraggable={false}
          nodesConnectable={false}
          nodesFocusable={false}
          edgesFocusable={false}
          preventScrolling={false}
          ariaLabelConfig={{
            "controls.ariaLabel": t("flow.controls"),
            "controls.zoomIn.ariaLabel": t("flow.zoomIn"),
            "controls.zoomOut.ariaLabel": t("flow.zoomOut"),
            "controls.fitView.ariaLabel": t("flow.fit"),
          }}
          proOptions={{ hideAttribution: true }} // a link to a page that a plant without internet cannot open
        >
          <Background gap={24} />
          <Controls showInteractive={false} />
        </ReactFlow>
      </section>
    </div>
  );
}

function StepBox({ data }: NodeProps<StepNode>) {
  const { t } = useTranslation("predict");
  const { operation, lane, isOnlyShown } = data.step;
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
