"""The routed operations of a block of items, flat: one row per item and operation."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from backend.erp.demo.array_types import BoolArray, FloatArray, IntArray
from backend.erp.demo.families import Families
from backend.erp.demo.item_traits import ItemTraits
from backend.erp.demo.plant_parameters import OPERATION_RUN_DEVIATION, PlantParameters
from backend.erp.demo.routing_rules import (
    EXTRA_LARGE_MM,
    EXTRA_TEST_PROBABILITY,
    extra_test_applies,
    operation_ranks,
    required_operations,
)
from backend.erp.demo.streams import Purpose, random_stream

OUTSOURCED_SHARE: Final = {
    "LAS": 0.25, "RTN": 0.06, "VTL": 0.3, "FTN": 0.05, "TML": 0.04, "MIL": 0.06, "SRL": 0.6, "HTR": 0.7,
    "PIC": 0.3, "HVF": 0.6, "PLT": 0.8, "PAS": 0.3, "PNT": 0.5, "NDT": 0.5,
}  # fmt: skip
AFTER_POLICY_SHARE: Final = OUTSOURCED_SHARE | {"SRL": 0.15, "HTR": 0.2, "RTN": 0.25, "VTL": 0.7}
REFERENCE_SIZE_MM: Final = 70.0
OUTSOURCING_FLIP: Final = 0.01
"""Chance that one row departs from what its family's inclination asks for."""
MACHINE_NOISE: Final = 0.03
"""Chance that one row is usually done on the machine next to the family's."""
STALE_SHARE: Final = 0.15
STALE_MEAN: Final = 0.1
STALE_DEVIATION: Final = 0.4
STANDARD_DEVIATION: Final = 0.07
"""Of log standards: how far off they are for stale items, and for every row."""


@dataclass(frozen=True, slots=True)
class RoutedOperations:
    """Rows are ordered by item and place in its routing; minutes are natural logs."""

    item: IntArray
    """Position in the block."""
    operation: IntArray
    place: IntArray
    """0 for the first operation."""
    first_row: IntArray
    """Per item."""
    length: IntArray
    """Per item."""
    outsourced_before: BoolArray
    outsourced_after: BoolArray
    """Under the old and the new outsourcing policy."""
    machine_before: IntArray
    machine_after: IntArray
    log_setup: FloatArray
    log_run: FloatArray
    """Without machine, drift, quantity and learning."""
    standard_setup: FloatArray
    """The ERP's standards in minutes; for some items they are stale."""
    standard_run: FloatArray
    extra_test_applies: BoolArray
    """Per item."""
    stale: BoolArray
    """Per item: its standards are off by a factor that all its operations share."""


def draw_routings(parameters: PlantParameters, families: Families, traits: ItemTraits, stream: int) -> RoutedOperations:
    """Give every item of a block its operations, machines and log-median times."""
    rng = random_stream(parameters.seed, Purpose.ROUTINGS, stream)
    facts = parameters.facts
    presence = required_operations(facts, traits)
    may_test = extra_test_applies(facts, presence, traits)
    presence[:, facts.operation_index("NDT")] |= may_test & (rng.random(traits.count) < EXTRA_TEST_PROBABILITY)
    item, operation, place, length = in_order(presence, operation_ranks(facts, traits))
    rows = RowTraits(parameters, families, traits, item, operation)
    chance = rng.random(len(item))
    noise = rng.random(len(item))
    before = _outsourced(rows, chance, OUTSOURCED_SHARE)
    after = _outsourced(rows, chance, AFTER_POLICY_SHARE)
    machine_before = _machines(rows, before, noise)
    log_setup, log_run = log_medians(parameters, traits, item, operation)
    log_run = log_run + OPERATION_RUN_DEVIATION * rng.normal(size=len(item))
    is_stale = rng.random(traits.count) < STALE_SHARE
    stale = np.where(is_stale, rng.normal(STALE_MEAN, STALE_DEVIATION, traits.count), 0.0)
    machine_effect = parameters.machine_effect[machine_before]
    standard_error = stale[item] + STANDARD_DEVIATION * rng.normal(size=len(item))
    return RoutedOperations(
        item=item,
        operation=operation,
        place=place,
        first_row=np.concatenate([[0], np.cumsum(length)[:-1]]),
        length=length,
        outsourced_before=before,
        outsourced_after=after,
        machine_before=machine_before,
        machine_after=_machines(rows, after, noise),
        log_setup=log_setup,
        log_run=log_run,
        standard_setup=np.maximum(np.round(np.exp(log_setup + 0.5 * machine_effect + standard_error), 1), 0.1),
        standard_run=np.maximum(np.round(np.exp(log_run + machine_effect + standard_error), 3), 0.001),
        extra_test_applies=may_test,
        stale=is_stale,
    )


def in_order(presence: BoolArray, ranks: FloatArray) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Return item, operation and place of each routed row, and how many rows each item has."""
    length = presence.sum(axis=1)
    order = np.argsort(np.where(presence, ranks, np.inf), axis=1, kind="stable")
    used = np.arange(presence.shape[1]) < length[:, None]
    item, place = np.nonzero(used)
    return item, order[used], place, length


@dataclass(frozen=True, slots=True)
class RowTraits:
    """Routed rows beside what decides who does them: one item and operation each."""

    parameters: PlantParameters
    families: Families
    traits: ItemTraits
    item: IntArray
    operation: IntArray


def _outsourced(rows: RowTraits, chance: FloatArray, shares: dict[str, float]) -> BoolArray:
    """Tell which rows go outside: a family's inclination against the operation's usual share."""
    trade, threshold = outsourcing_thresholds(rows, shares)
    inclination = rows.families.outsourcing[rows.traits.family[rows.item], np.maximum(trade, 0)]
    wanted = (trade >= 0) & (inclination < threshold)
    return np.where((chance < OUTSOURCING_FLIP) & (trade >= 0), ~wanted, wanted)


def outsourcing_thresholds(rows: RowTraits, shares: dict[str, float]) -> tuple[IntArray, FloatArray]:
    """Return each row's outside trade (-1: none) and the inclination below which it goes outside."""
    parameters, traits, operation = rows.parameters, rows.traits, rows.operation
    share = np.array([shares.get(o.key, 0.0) for o in parameters.facts.operations])[operation]
    group = parameters.outsourced_group[operation]
    trade = np.where(group >= 0, group - int(np.argmax(parameters.group_outsourced)), -1)
    return trade, share + np.where((traits.size_mm[rows.item] > EXTRA_LARGE_MM) & (share > 0), 0.2, 0.0)


def _machines(rows: RowTraits, outsourced: BoolArray, noise: FloatArray) -> IntArray:
    """Return the work centre of each row: by size, hardness and the family's preference."""
    group, place = places_by_rule(rows, outsourced)
    offset = rows.families.machine_offset[rows.traits.family[rows.item], group] + (noise < MACHINE_NOISE)
    return np.asarray(rows.parameters.group_start[group] + (place + offset) % rows.parameters.group_size[group])


def places_by_rule(rows: RowTraits, outsourced: BoolArray) -> tuple[IntArray, IntArray]:
    """Return each row's work-centre group and the place in it that size and hardness ask for."""
    parameters, traits, item = rows.parameters, rows.traits, rows.item
    group = np.where(outsourced, parameters.outsourced_group[rows.operation], parameters.in_house_group[rows.operation])
    relative = np.log(traits.size_mm[item] / 25) / np.log(300 / 25)
    base = np.floor(np.clip(relative, 0, 0.999) * parameters.group_size[group]).astype(np.int64)
    hardness = np.array(list(parameters.facts.hardness.values()))[traits.material_group[item]]
    return group, np.asarray(base + (hardness >= 0.4))


def log_medians(
    parameters: PlantParameters, traits: ItemTraits, item: IntArray, operation: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Return log set-up and log run minutes per piece as attributes and effects make them."""
    operations = parameters.facts.operations
    base_setup = np.log(np.array([o.setup_minutes for o in operations], dtype=float))[operation]
    base_run = np.log(np.array([o.run_minutes for o in operations], dtype=float))[operation]
    exponent = np.array([o.size_exponent for o in operations])[operation]
    sensitivity = np.array([o.material_sensitivity for o in operations])[operation]
    hardness = np.array(list(parameters.facts.hardness.values()))[traits.material_group[item]]
    size = np.clip(np.log(traits.size_mm[item] / REFERENCE_SIZE_MM), -1.5, 1.5)
    part_class, seal_group = traits.part_class[item], traits.seal_group[item]
    difficulty = sensitivity * hardness * (1 + 0.3 * (size > 0.5))
    double = 0.12 * (traits.outer_seal_type[item] >= 0)
    log_setup = base_setup + parameters.class_setup[part_class, operation] + 0.3 * exponent * size + 0.3 * difficulty
    log_run = base_run + parameters.class_run[part_class, operation] + exponent * size + difficulty + double
    log_run = log_run + parameters.seal_run[seal_group, operation]
    return log_setup + traits.setup_effect[item], log_run + traits.run_effect[item]
