"""The items of one block as arrays: what the hidden rules look at."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from backend.erp.demo.array_types import BoolArray, FloatArray, IntArray
from backend.erp.demo.families import ORDINARY_FAMILIES, Families, pick_finish, pick_material, seal_groups
from backend.erp.demo.habits import FLIP_PROBABILITY, HABITS, applicable_habits
from backend.erp.demo.plant_parameters import ITEM_RUN_DEVIATION, ITEM_SETUP_DEVIATION, PlantParameters
from backend.erp.demo.streams import Purpose, random_stream

BLOCK_SIZE: Final = 5_000
MINUTES_PER_DAY: Final = 1_440
OLDEST_ITEM_DAYS: Final = 5_500
WORK_ORDERS_PER_ITEM: Final = 3.25
"""Mean over two years of items that are made at all."""
SIZE_OF_GALLONS: Final = {"1gal": 35.0, "2gal": 50.0, "3gal": 65.0, "5gal": 90.0}


@dataclass(frozen=True, slots=True)
class Block:
    """Which items belong together in one random stream."""

    stream: int
    first_item: int
    count: int
    created_from: int
    """Minutes since 1970 in the plant's time."""
    created_until: int
    families: int
    """Families that existed before; items of later blocks may also found new ones."""
    new_families: int = 0
    named: int = 0
    """How many of the first items are called ITEM001 and so on, and are clean and ordinary."""


@dataclass(frozen=True, slots=True)
class ItemTraits:
    """One row per item; positions refer to the lists in Facts, -1 means none."""

    family: IntArray
    part_type: IntArray
    part_class: IntArray
    material: IntArray
    material_group: IntArray
    finish: IntArray
    seal_type: IntArray
    seal_group: IntArray
    outer_seal_type: IntArray
    size_mm: FloatArray
    specification: IntArray
    """Position in the class's ITEM_SPEC list."""
    is_standard: BoolArray
    is_repair: BoolArray
    habits: BoolArray
    """(item, habit); false where the class does not face the habit."""
    habit_applies: BoolArray
    created_minute: IntArray
    lot_median: FloatArray
    work_orders_per_day: FloatArray
    has_routing: BoolArray
    setup_effect: FloatArray
    run_effect: FloatArray
    named: BoolArray

    @property
    def count(self) -> int:
        """How many items there are."""
        return len(self.family)


def draw_item_traits(parameters: PlantParameters, families: Families, block: Block) -> ItemTraits:
    """Draw the items of a block; always the same for the same seed and block."""
    rng = random_stream(parameters.seed, Purpose.ITEMS, block.stream)
    facts, n = parameters.facts, block.count
    named = np.arange(n) < block.named
    family = _pick_family(families, block, named, rng)
    part_type = families.part_type[family]
    part_class = facts.class_of_part_type[part_type]
    material = np.where(rng.random(n) < 0.8, families.material[family], pick_material(parameters, part_class, rng))
    finish = np.where(rng.random(n) < 0.85, families.finish[family], pick_finish(parameters, n, rng))
    specification, size_mm = _draw_sizes(parameters, families, family, part_class, rng)
    applies = applicable_habits(facts)[part_class]
    flips = rng.random((n, len(HABITS))) < FLIP_PROBABILITY
    repair_rate = np.where(np.isin(part_class, [facts.class_index("assembly"), facts.class_index("kit")]), 0.1, 0.03)
    seal_type = families.seal_type[family]
    has_routing, rate = _draw_activity(named, rng)
    lot_median = np.array([c.lot_median for c in facts.part_classes])[part_class]
    return ItemTraits(
        family=family,
        part_type=part_type,
        part_class=part_class,
        material=material,
        material_group=facts.group_of_material[material],
        finish=finish,
        seal_type=seal_type,
        seal_group=seal_groups(parameters, seal_type),
        outer_seal_type=families.outer_seal_type[family],
        size_mm=size_mm,
        specification=specification,
        is_standard=families.standard[family],
        is_repair=(rng.random(n) < repair_rate) & ~named,
        habits=applies & (families.habits[family] ^ flips),
        habit_applies=applies,
        created_minute=_draw_creation(block, named, rng),
        lot_median=lot_median * np.exp(0.5 * rng.normal(size=n)),
        work_orders_per_day=rate,
        has_routing=has_routing,
        setup_effect=families.setup_effect[family] + ITEM_SETUP_DEVIATION * rng.normal(size=n),
        run_effect=families.run_effect[family] + ITEM_RUN_DEVIATION * rng.normal(size=n),
        named=named,
    )


def _pick_family(families: Families, block: Block, named: BoolArray, rng: np.random.Generator) -> IntArray:
    cumulative = np.cumsum(families.weight[: block.families])
    known = np.searchsorted(cumulative, rng.random(len(named)) * cumulative[-1], side="right")
    ordinary = rng.integers(0, ORDINARY_FAMILIES, len(named))
    family = np.where(named, ordinary, known)
    if block.new_families:
        founded = rng.integers(block.families, block.families + block.new_families, len(named))
        family = np.where(rng.random(len(named)) < NEW_FAMILY_SHARE, founded, family)
    return family.astype(np.int64)


NEW_FAMILY_SHARE: Final = 0.3
"""Share of the items created after the plant's first day that found new families."""


def _draw_sizes(
    parameters: PlantParameters, families: Families, family: IntArray, part_class: IntArray, rng: np.random.Generator
) -> tuple[IntArray, FloatArray]:
    """Return the ITEM_SPEC position and the size in mm; a vessel's size follows from its specification."""
    classes = parameters.facts.part_classes
    choices = np.array([len(c.item_spec) for c in classes])[part_class]
    varied = np.where(
        rng.random(len(family)) < 0.8, families.specification[family], rng.integers(0, 1_000, len(family))
    )
    specification = varied % choices
    size_mm = np.exp(families.log_size[family] + 0.15 * rng.normal(size=len(family)))
    for index, part_class_facts in enumerate(classes):
        if part_class_facts.name in {"reservoir", "cooler"}:
            of_spec = np.array([_vessel_size(text) for text in part_class_facts.item_spec])
            rows = part_class == index
            size_mm[rows] = of_spec[specification[rows]]
    size_mm = np.where(
        (part_class == parameters.facts.class_index("kit")) & (families.seal_type[family] < 0), 65.0, size_mm
    )
    return specification, np.round(np.clip(size_mm, 8.0, 900.0), 2)


def _vessel_size(specification: str) -> float:
    return next((mm for gallons, mm in SIZE_OF_GALLONS.items() if gallons in specification), 65.0)


def _draw_activity(named: BoolArray, rng: np.random.Generator) -> tuple[BoolArray, FloatArray]:
    """Return who has a routing and how many work orders a day each item gets (0: is never made)."""
    state = rng.random(len(named))
    is_made = (state < 0.73) | named
    has_routing = (state < 0.70) | ((state >= 0.73) & (state < 0.93)) | named
    spread = rng.lognormal(-0.5, 1.0, len(named))
    rate = np.where(is_made, spread * WORK_ORDERS_PER_ITEM / 730, 0.0)
    return has_routing, np.where(named, np.maximum(rate, 6 / 730), rate)


def _draw_creation(block: Block, named: BoolArray, rng: np.random.Generator) -> IntArray:
    """Spread creation over the block's span; named items are old."""
    share = rng.random(len(named)) ** 0.8
    span = block.created_until - block.created_from
    created = block.created_from + (share * span).astype(np.int64)
    return np.where(named, block.created_from + (created - block.created_from) // 2, created)
