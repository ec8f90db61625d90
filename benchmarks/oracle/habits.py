"""Which operations: each family's habits, inferred from the sequences of its items."""

from dataclasses import replace

import numpy as np

from backend.erp.demo.dirty_rows import WORK_ORDER_DIRT
from backend.erp.demo.families import habit_probability
from backend.erp.demo.habits import FLIP_PROBABILITY
from backend.erp.demo.item_traits import ItemTraits
from backend.erp.demo.plant_parameters import PlantParameters
from backend.erp.demo.routing_rules import (
    EXTRA_TEST_PROBABILITY,
    extra_test_applies,
    operation_ranks,
    required_operations,
)
from backend.erp.demo.routings import in_order
from backend.erp.demo.work_orders import UNBOOKED_SHARE
from benchmarks.oracle.arrays import BoolArray, FloatArray, IntArray, sum_by

_HARMLESS = ("leading_space_in_code", "duplicate", "in_house_as_letter")
LOST_ROW_SHARE = sum(dirt.rate for dirt in WORK_ORDER_DIRT if dirt.kind not in _HARMLESS)
"""Share of work-order rows that dirt makes unreadable, so that they are set aside."""


def family_log_odds(traits: ItemTraits, seen: BoolArray, families: int) -> FloatArray:
    """Return (family, habit) what the seen items add to the log-odds of the family's habit."""
    step = np.log((1 - FLIP_PROBABILITY) / FLIP_PROBABILITY)
    votes = np.where(traits.habit_applies, np.where(traits.habits, step, -step), 0.0)
    return sum_by(traits.family[seen], votes[seen], families)


def chance_of_habits(parameters: PlantParameters, traits: ItemTraits, family_evidence: FloatArray) -> FloatArray:
    """Return (item, habit) chances for items that were never seen; `family_evidence` is one row per item."""
    prior = habit_probability(parameters, traits.part_type, traits.seal_type)
    log_odds = np.log(prior) - np.log1p(-prior) + family_evidence
    family = 1 / (1 + np.exp(-log_odds))
    return family * (1 - FLIP_PROBABILITY) + (1 - family) * FLIP_PROBABILITY


def likeliest_sequence(
    parameters: PlantParameters, traits: ItemTraits, chance: FloatArray
) -> tuple[IntArray, IntArray, FloatArray]:
    """Return item and operation of each row of the likeliest sequences, in order, and each item's chance."""
    facts = parameters.facts
    likely = replace(traits, habits=traits.habit_applies & (chance > 0.5))
    required = required_operations(facts, likely)
    item, operation, _, _ = in_order(required, operation_ranks(facts, likely))
    right = np.where(traits.habit_applies, np.maximum(chance, 1 - chance), 1.0).prod(axis=1)
    untested = np.where(extra_test_applies(facts, required, likely), 1 - EXTRA_TEST_PROBABILITY, 1.0)
    return item, operation, right * untested


def chance_of_full_booking(length: IntArray) -> FloatArray:
    """Return the chance that no operation of a lot is forgotten or lost to dirt."""
    remembered = np.where(length >= 3, 1 - UNBOOKED_SHARE, 1.0)
    return np.asarray(remembered * (1 - LOST_ROW_SHARE) ** length, dtype=np.float64)
