"""Item families: designs whose members share attributes, habits and how long things take."""

from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from backend.erp.demo.array_types import BoolArray, FloatArray, IntArray
from backend.erp.demo.habits import HABITS, applicable_habits
from backend.erp.demo.plant_parameters import (
    FAMILY_RUN_DEVIATION,
    FAMILY_SETUP_DEVIATION,
    PlantParameters,
)
from backend.erp.demo.streams import Purpose, random_stream

BLOCK: Final = 1024
ORDINARY_FAMILIES: Final = 16
"""The first families are ordinary manufactured parts; ITEM001 and its like belong to them."""
ORDINARY_CLASSES: Final = ("gland", "sleeve", "collar", "face")
ITEMS_PER_FAMILY: Final = 7
DOUBLE_SEAL_SHARE: Final = 0.3


@dataclass(frozen=True, slots=True)
class Families:
    """One row per family; positions refer to the lists in Facts, -1 means none."""

    part_type: IntArray
    material: IntArray
    finish: IntArray
    seal_type: IntArray
    outer_seal_type: IntArray
    log_size: FloatArray
    """Natural log of mm."""
    specification: IntArray
    standard: BoolArray
    habits: BoolArray
    outsourcing: FloatArray
    """(family, outsourced trade): low means likely to be given outside."""
    machine_offset: IntArray
    """(family, work-centre group): which of the suitable machines the family prefers."""
    setup_effect: FloatArray
    run_effect: FloatArray
    weight: FloatArray

    @property
    def count(self) -> int:
        """How many families there are."""
        return len(self.part_type)


def family_count(items: int) -> int:
    """Return how many families a plant of this size starts with."""
    return max(ORDINARY_FAMILIES, items // ITEMS_PER_FAMILY)


def draw_families(parameters: PlantParameters, count: int) -> Families:
    """Draw the first `count` families; a longer draw starts with the same ones."""
    blocks = [_draw_block(parameters, block) for block in range(-(-count // BLOCK))]
    columns = {
        field.name: np.concatenate([getattr(block, field.name) for block in blocks])[:count]
        for field in fields(Families)
    }
    return Families(**columns)


def pick(rng: np.random.Generator, weights: FloatArray, count: int) -> IntArray:
    """Draw positions in proportion to the weights."""
    cumulative = np.cumsum(weights)
    return np.asarray(np.searchsorted(cumulative, rng.random(count) * cumulative[-1], side="right"), dtype=np.int64)


def pick_material(parameters: PlantParameters, part_class: IntArray, rng: np.random.Generator) -> IntArray:
    """Draw a material that parts of each class are made of."""
    facts = parameters.facts
    weights = np.array(
        [[m.weight if m.group in c.materials else 0.0 for m in facts.materials] for c in facts.part_classes]
    )
    cumulative = np.cumsum(weights, axis=1) / weights.sum(axis=1, keepdims=True)
    return np.asarray((rng.random(len(part_class))[:, None] >= cumulative[part_class]).sum(axis=1))


def pick_finish(parameters: PlantParameters, count: int, rng: np.random.Generator) -> IntArray:
    """Draw finishing codes; -1 where the ERP field is empty, which means no finishing."""
    weights = np.array([finish.weight for finish in parameters.facts.finishes], dtype=float)
    return np.where(rng.random(count) < 0.087, -1, pick(rng, weights, count))


def _draw_part_types(parameters: PlantParameters, block: int, rng: np.random.Generator) -> IntArray:
    part_types = parameters.facts.part_types
    drawn = pick(rng, np.array([p.weight for p in part_types], dtype=float), BLOCK)
    ordinary = np.array([p.weight if p.part_class in ORDINARY_CLASSES else 0.0 for p in part_types])
    replacement = pick(rng, ordinary, ORDINARY_FAMILIES)
    if block == 0:
        drawn[:ORDINARY_FAMILIES] = replacement
    return drawn


def _draw_log_size(parameters: PlantParameters, part_class: IntArray, rng: np.random.Generator) -> FloatArray:
    classes = parameters.facts.part_classes
    median = np.array([c.outer_diameter_median or 65.0 for c in classes])
    sigma = np.array([c.outer_diameter_sigma for c in classes])
    return np.asarray(np.log(median[part_class]) + sigma[part_class] * rng.normal(size=len(part_class)))


def _draw_habits(
    parameters: PlantParameters, part_type: IntArray, seal_type: IntArray, rng: np.random.Generator
) -> BoolArray:
    applies = applicable_habits(parameters.facts)[parameters.facts.class_of_part_type[part_type]]
    return applies & (rng.random((len(part_type), len(HABITS))) < habit_probability(parameters, part_type, seal_type))


def habit_probability(parameters: PlantParameters, part_type: IntArray, seal_type: IntArray) -> FloatArray:
    """Return (row, habit) probabilities that a family with these attributes has the habit."""
    seal_group = seal_groups(parameters, seal_type)
    log_odds = parameters.habit_log_odds[seal_group] + parameters.habit_log_odds_of_part_type[part_type]
    return np.asarray(1 / (1 + np.exp(-log_odds)))


def seal_groups(parameters: PlantParameters, seal_type: IntArray) -> IntArray:
    """Return the hidden group of each seal type, 0 for none."""
    return np.where(seal_type < 0, 0, parameters.seal_group_of_type[seal_type])


def _draw_block(parameters: PlantParameters, block: int) -> Families:
    rng = random_stream(parameters.seed, Purpose.FAMILIES, block)
    facts = parameters.facts
    part_type = _draw_part_types(parameters, block, rng)
    part_class = facts.class_of_part_type[part_type]
    seal_rate = np.array([c.seal_type_rate for c in facts.part_classes])[part_class]
    drawn_seal = pick(rng, facts.seal_type_weights, BLOCK)
    seal_type = np.where(rng.random(BLOCK) < seal_rate, drawn_seal, -1)
    drawn_outer = pick(rng, facts.seal_type_weights, BLOCK)
    is_double = (rng.random(BLOCK) < DOUBLE_SEAL_SHARE) & (seal_type >= 0)
    offset = rng.random((BLOCK, len(parameters.group_size)))
    return Families(
        part_type=part_type,
        material=pick_material(parameters, part_class, rng),
        finish=pick_finish(parameters, BLOCK, rng),
        seal_type=seal_type,
        outer_seal_type=np.where(is_double, drawn_outer, -1),
        log_size=_draw_log_size(parameters, part_class, rng),
        specification=rng.integers(0, 1_000, BLOCK),
        standard=rng.random(BLOCK) < 0.07,
        habits=_draw_habits(parameters, part_type, seal_type, rng),
        outsourcing=rng.random((BLOCK, int(parameters.group_outsourced.sum()))),
        machine_offset=(offset > 0.6).astype(np.int64) + (offset > 0.85),
        setup_effect=rng.normal(0, FAMILY_SETUP_DEVIATION, BLOCK),
        run_effect=rng.normal(0, FAMILY_RUN_DEVIATION, BLOCK),
        weight=np.minimum((1 - rng.random(BLOCK)) ** (-1 / 1.6), 60.0),
    )
