"""The hidden numbers of one plant that all its items share; drawn once from the seed."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from backend.erp.demo.array_types import BoolArray, FloatArray, IntArray
from backend.erp.demo.facts import Facts, load_facts
from backend.erp.demo.habits import HABITS
from backend.erp.demo.streams import Purpose, random_stream

SEAL_GROUPS: Final = 8
"""Group 0 is 'no seal type'; the ERP does not know these groups, only the types."""

FAMILY_SETUP_DEVIATION: Final = 0.10
FAMILY_RUN_DEVIATION: Final = 0.14
ITEM_SETUP_DEVIATION: Final = 0.06
ITEM_RUN_DEVIATION: Final = 0.10
OPERATION_RUN_DEVIATION: Final = 0.06
"""Standard deviations of log minutes: per family, per item, per item and operation."""

OUTLIER_SHARE: Final = 0.012
OUTLIER_LOG_MEAN: Final = 0.9
OUTLIER_LOG_DEVIATION: Final = 0.4
"""An outlier multiplies the run time by a lognormal factor."""


@dataclass(frozen=True, slots=True)
class PlantParameters:
    """Effects are on log minutes; first axes are operations, machines or classes as named."""

    facts: Facts
    seed: int
    seal_group_of_type: IntArray
    habit_log_odds: FloatArray
    """(seal group, habit)."""
    habit_log_odds_of_part_type: FloatArray
    class_setup: FloatArray
    """(class, operation)."""
    class_run: FloatArray
    seal_run: FloatArray
    """(seal group, operation)."""
    setup_noise: FloatArray
    """Standard deviation per operation."""
    run_noise: FloatArray
    machine_effect: FloatArray
    backflush_share: FloatArray
    """Per machine: share of rows booked at the standard."""
    machine_group: IntArray
    group_start: IntArray
    group_size: IntArray
    group_outsourced: BoolArray
    in_house_group: IntArray
    """Per operation."""
    outsourced_group: IntArray
    """Per operation; -1 where nobody outside does it."""

    @property
    def work_centre_codes(self) -> list[str]:
        """Codes such as W0103: group 1, machine 3; subcontractors start with S."""
        return [
            f"{'S' if group.outsourced else 'W'}{number:02d}{machine:02d}"
            for number, group in enumerate(self.facts.work_centre_groups, start=1)
            for machine in range(1, group.machines + 1)
        ]

    @property
    def work_centre_names(self) -> list[str]:
        """Korean names such as 선반 3호기."""
        return [
            f"{group.name}{chr(64 + machine)}사" if group.outsourced else f"{group.name} {machine}호기"
            for group in self.facts.work_centre_groups
            for machine in range(1, group.machines + 1)
        ]


def draw_plant_parameters(seed: int) -> PlantParameters:
    """Draw the hidden numbers of the plant with this seed."""
    facts = load_facts()
    rng = random_stream(seed, Purpose.PLANT)
    operations, classes = len(facts.operations), len(facts.part_classes)
    sizes = np.array([group.machines for group in facts.work_centre_groups])
    machines = int(sizes.sum())
    groups = [group.name for group in facts.work_centre_groups]
    return PlantParameters(
        facts=facts,
        seed=seed,
        seal_group_of_type=rng.integers(1, SEAL_GROUPS, len(facts.seal_types)),
        habit_log_odds=np.array([habit.log_odds for habit in HABITS]) + rng.normal(0, 2.6, (SEAL_GROUPS, len(HABITS))),
        habit_log_odds_of_part_type=rng.normal(0, 1.6, (len(facts.part_types), len(HABITS))),
        class_setup=rng.normal(0, 0.15, (classes, operations)),
        class_run=rng.normal(0, 0.2, (classes, operations)),
        seal_run=rng.normal(0, 0.1, (SEAL_GROUPS, operations)),
        setup_noise=rng.uniform(0.14, 0.24, operations),
        run_noise=rng.uniform(0.09, 0.17, operations),
        machine_effect=rng.normal(0, 0.1, machines),
        backflush_share=np.where(rng.random(machines) < 0.15, 0.3, 0.01),
        machine_group=np.repeat(np.arange(len(sizes)), sizes),
        group_start=np.concatenate([[0], np.cumsum(sizes)[:-1]]),
        group_size=sizes,
        group_outsourced=np.array([group.outsourced for group in facts.work_centre_groups]),
        in_house_group=np.array([groups.index(operation.in_house_group) for operation in facts.operations]),
        outsourced_group=np.array(
            [groups.index(o.outsourced_group) if o.outsourced_group else -1 for o in facts.operations]
        ),
    )
