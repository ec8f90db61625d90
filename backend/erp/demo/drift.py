"""What changes in the plant, when, and by how much."""

from datetime import date, timedelta
from typing import Any, Final

import numpy as np

from backend.erp.demo.array_types import BoolArray, FloatArray, IntArray
from backend.erp.demo.calendar_minutes import minute_of
from backend.erp.demo.options import DemoOptions, DriftScenario, MachineStep
from backend.erp.demo.plant_parameters import PlantParameters

POLICY_DAYS_BEFORE: Final = 150


def machine_steps(options: DemoOptions) -> tuple[MachineStep, ...]:
    """Return the steps of the plant; the scenario's last one lies ahead, so that it can be watched."""
    if options.drift not in {DriftScenario.STEP, DriftScenario.MIX}:
        return options.steps
    return (
        MachineStep(options.today - timedelta(days=300), ("선반",), 0.5, -0.22, "new lathes"),
        MachineStep(options.today - timedelta(days=75), ("연삭",), 1.0, 0.15, "worn grinding spindles"),
        MachineStep(options.today + timedelta(days=12), ("밀링", "복합기", "조립"), 1.0, 0.35, "new working method"),
        *options.steps,
    )


def policy_day(options: DemoOptions) -> date | None:
    """Return the day from which the other outsourcing policy holds, if one does."""
    has_policy = options.drift in {DriftScenario.POLICY, DriftScenario.MIX}
    return options.today - timedelta(days=POLICY_DAYS_BEFORE) if has_policy else None


def policy_applies(options: DemoOptions, minute: IntArray) -> BoolArray:
    """Tell which moments lie after the change of policy."""
    day = policy_day(options)
    return minute >= minute_of(day) if day else np.zeros(len(minute), dtype=bool)


def machine_drift(options: DemoOptions, parameters: PlantParameters, machine: IntArray, minute: IntArray) -> FloatArray:
    """Return the effect on log run minutes of each machine at each moment."""
    effect = np.zeros(len(machine))
    names = [group.name for group in parameters.facts.work_centre_groups]
    group = parameters.machine_group[machine]
    place = machine - parameters.group_start[group]
    for step in machine_steps(options):
        touched = np.isin(group, [names.index(name) for name in step.groups or names])
        touched &= place < np.ceil(step.share * parameters.group_size[group])
        effect += step.log_effect * (touched & (minute >= minute_of(step.day)))
    return effect


def describe_drift(options: DemoOptions) -> list[dict[str, Any]]:
    """Return the drift as JSON values for the truth file."""
    steps: list[dict[str, Any]] = [
        {
            "day": step.day.isoformat(),
            "kind": "machine_step",
            "reason": step.reason,
            "work_centre_groups": list(step.groups),
            "share_of_machines": step.share,
            "run_time_factor": round(float(np.exp(step.log_effect)), 4),
        }
        for step in machine_steps(options)
    ]
    day = policy_day(options)
    return steps + ([{"day": day.isoformat(), "kind": "outsourcing_policy"}] if day else [])
