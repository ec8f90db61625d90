import { ActionIcon } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { Icon, type IconName } from "@/shared/icons";
import type { RowProps } from "@/shared/table/RowsInView";
import classes from "../predict.module.css";
import { NumberCell, TextCell } from "./cells";
import { changeEdit } from "./edits";
import type { RowMoves } from "./row_moves";
import { type EditedField, type Step, withField, withoutStep } from "./steps";

interface Props {
  step: Step;
  index: number;
  last: number;
  editName: string;
  moves: RowMoves;
  place: RowProps;
  /** The cells that follow from those that are edited. */
  children: ReactNode;
}

/** One operation whose cells can be changed, and which can be moved and deleted. */
export function EditableRow({ step, index, last, editName, moves, place, children }: Props) {
  const { t } = useTranslation("predict");
  const [isOver, setOver] = useState(false);
  const set = (field: EditedField) => (value: Step[EditedField]) =>
    changeEdit(editName, (steps) => withField(steps, step.id, field, value), `${step.id}:${field}`);
  const cell = (field: EditedField) => ({ "data-cell": `${step.id}:${field}` });
  const name = (column: string) => t("edit.cell", { number: index + 1, column });
  const act = (label: string, icon: IconName, run: () => void, disabled = false) => (
    <ActionIcon
      variant="subtle"
      color="gray"
      data-cell={`${step.id}:${icon}`}
      aria-label={`${name(label)}`}
      title={label}
      disabled={disabled}
      onClick={run}
    >
      <Icon name={icon} size={15} />
    </ActionIcon>
  );
  return (
    <tr
      {...place}
      data-step={step.id}
      data-changed={isChanged(step)}
      data-over={isOver}
      onDragOver={(event) => {
        if (moves.dragged === null) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        if (moves.dragged !== null) moves.move(moves.dragged, index);
        moves.setDragged(null);
      }}
    >
      <td className={classes.numeric}>{step.sequence}</td>
      <td>
        <TextCell
          label={name(t("operations.code"))}
          value={step.operation_code}
          onChange={set("operation_code")}
          required
          {...cell("operation_code")}
        />
      </td>
      <td>
        <TextCell
          label={name(t("operations.name"))}
          value={step.operation_name}
          onChange={set("operation_name")}
          longest={200}
          {...cell("operation_name")}
        />
      </td>
      <td>
        <TextCell
          label={name(t("operations.workCentre"))}
          value={step.work_centre}
          onChange={set("work_centre")}
          required
          {...cell("work_centre")}
        />
      </td>
      <td>
        <select
          aria-label={name(t("operations.inHouse"))}
          value={step.in_house ? "in" : "out"}
          onChange={(event) => set("in_house")(event.currentTarget.value === "in")}
          {...cell("in_house")}
        >
          <option value="in">{t("inHouse")}</option>
          <option value="out">{t("outsourced")}</option>
        </select>
      </td>
      <td className={classes.numeric}>
        <NumberCell
          label={name(t("operations.setup"))}
          value={step.setup_minutes}
          digits={1}
          onChange={set("setup_minutes")}
          {...cell("setup_minutes")}
        />
      </td>
      <td className={classes.numeric}>
        <NumberCell
          label={name(t("operations.run"))}
          value={step.run_minutes_per_unit}
          digits={2}
          onChange={set("run_minutes_per_unit")}
          {...cell("run_minutes_per_unit")}
        />
      </td>
      {children}
      <td>
        <span className={classes.rowActions}>
          {/* biome-ignore lint/a11y/noStaticElementInteractions: the buttons beside it and Alt+↑/↓ do the same */}
          <span
            className={classes.grip}
            title={t("edit.drag")}
            draggable
            onDragStart={(event) => {
              event.dataTransfer.effectAllowed = "move";
              event.dataTransfer.setData("text/plain", step.operation_code);
              moves.setDragged(step.id);
            }}
            onDragEnd={() => moves.setDragged(null)}
          >
            <Icon name="grip" size={16} />
          </span>
          {act(t("edit.up"), "up", () => moves.move(step.id, index - 1), index === 0)}
          {act(t("edit.down"), "down", () => moves.move(step.id, index + 1), index === last)}
          {act(t("edit.delete"), "trash", () => changeEdit(editName, (steps) => withoutStep(steps, step.id)))}
        </span>
      </td>
    </tr>
  );
}

function isChanged(step: Step): boolean {
  const before = step.predicted;
  const fields = [
    "operation_code",
    "operation_name",
    "work_centre",
    "in_house",
    "setup_minutes",
    "run_minutes_per_unit",
  ] as const;
  return before === null || fields.some((field) => before[field] !== step[field]);
}
