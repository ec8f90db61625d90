"""One block of the plant from end to end, as rows ready for the database."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np
import polars as pl

from backend.erp.demo.array_types import BoolArray, IntArray
from backend.erp.demo.block_truth import BlockTruth, Plant
from backend.erp.demo.calendar_minutes import minute_of
from backend.erp.demo.dirty_rows import ITEM_DIRT, ROUTING_DIRT, WORK_ORDER_DIRT, Dirt, Row, make_dirty
from backend.erp.demo.erp_rows import make_routing_rows, make_work_order_rows
from backend.erp.demo.families import draw_families, family_count
from backend.erp.demo.item_codes import item_codes
from backend.erp.demo.item_rows import make_item_rows
from backend.erp.demo.item_traits import (
    BLOCK_SIZE,
    MINUTES_PER_DAY,
    OLDEST_ITEM_DAYS,
    Block,
    draw_item_traits,
)
from backend.erp.demo.options import DemoOptions
from backend.erp.demo.plant_parameters import draw_plant_parameters
from backend.erp.demo.routings import draw_routings
from backend.erp.demo.streams import Purpose, random_stream
from backend.erp.demo.work_orders import Span, WorkOrders, draw_order_counts, draw_work_orders

LARGEST_NAMED: Final = 200
LATER_BLOCKS_FROM: Final = 1_000_000
"""Streams of items created after the plant's first day; no first-day block gets so far."""


@dataclass(frozen=True, slots=True)
class Expansion:
    """The items that one advance added."""

    items: int
    families: int
    created_from: int
    created_until: int


@dataclass(frozen=True, slots=True)
class GeneratedTable:
    """Rows of one table with the dirt that is in them."""

    columns: list[str]
    rows: list[Row]
    dirt: Counter[str]


def make_plant(options: DemoOptions, expansions: Iterable[Expansion] = ()) -> Plant:
    """Return the plant of these options, with the items that advances added."""
    parameters = draw_plant_parameters(options.seed)
    blocks = list(_first_blocks(options))
    families = family_count(options.items)
    for number, expansion in enumerate(expansions):
        first_item = blocks[-1].first_item + blocks[-1].count
        blocks.append(
            Block(
                stream=LATER_BLOCKS_FROM + number,
                first_item=first_item,
                count=expansion.items,
                created_from=expansion.created_from,
                created_until=expansion.created_until,
                families=families,
                new_families=expansion.families,
            )
        )
        families += expansion.families
    return Plant(options, parameters, draw_families(parameters, families), tuple(blocks))


def _first_blocks(options: DemoOptions) -> Iterator[Block]:
    until = minute_of(options.now)
    named = min(LARGEST_NAMED, options.items // 2)
    for number, first in enumerate(range(0, options.items, BLOCK_SIZE)):
        yield Block(
            stream=number,
            first_item=first,
            count=min(BLOCK_SIZE, options.items - first),
            created_from=until - OLDEST_ITEM_DAYS * MINUTES_PER_DAY,
            created_until=until,
            families=family_count(options.items),
            named=named if number == 0 else 0,
        )


def first_span(options: DemoOptions) -> Span:
    """Return the history that a plant is born with."""
    return Span(minute_of(options.now - timedelta(days=options.history_days)), minute_of(options.now), epoch=0)


def block_truth(plant: Plant, block: Block) -> BlockTruth:
    """Return the hidden truth of a block; always the same."""
    traits = draw_item_traits(plant.parameters, plant.families, block)
    routed = draw_routings(plant.parameters, plant.families, traits, block.stream)
    codes = item_codes(traits.family, np.arange(block.count) + block.first_item, traits.named)
    return BlockTruth(plant, block, traits, routed, codes)


def item_table(truth: BlockTruth) -> GeneratedTable:
    """Return the block's rows of BI_ITEM_INFO_VIEW."""
    rng = random_stream(truth.plant.options.seed, Purpose.ITEM_DIRT, truth.block.stream)
    return _dirtied(make_item_rows(truth), ITEM_DIRT, truth.traits.named, rng)


def routing_table(truth: BlockTruth) -> GeneratedTable:
    """Return the block's rows of BI_ROUTING_VIEW."""
    frame = make_routing_rows(truth)
    rng = random_stream(truth.plant.options.seed, Purpose.ROUTING_DIRT, truth.block.stream)
    return _dirtied(frame, ROUTING_DIRT, _is_named(truth, frame), rng)


def work_order_table(truth: BlockTruth, span: Span) -> tuple[WorkOrders, GeneratedTable]:
    """Return what the shop did with the block's items in the span, as truth and as rows."""
    orders = drawn_orders(truth, span)
    rng = random_stream(truth.plant.options.seed, Purpose.WORK_ORDER_DIRT, truth.block.stream, span.epoch)
    protected = truth.traits.named[orders.item] | (orders.finished >= span.end)
    return orders, _dirtied(make_work_order_rows(truth, orders, span), WORK_ORDER_DIRT, protected, rng)


def drawn_orders(truth: BlockTruth, span: Span) -> WorkOrders:
    """Return what the shop did with the block's items in the span; always the same."""
    return draw_work_orders(truth, span, _earlier_orders(truth, span))


def _earlier_orders(truth: BlockTruth, span: Span) -> IntArray:
    """Count the orders of the plant's first span; those of other advances are too few to matter."""
    if span.epoch == 0 or truth.block.stream >= LATER_BLOCKS_FROM:
        return np.zeros(truth.block.count, dtype=np.int64)
    return draw_order_counts(truth, first_span(truth.plant.options))


def _is_named(truth: BlockTruth, frame: pl.DataFrame) -> BoolArray:
    named = truth.codes.filter(pl.Series(truth.traits.named))
    return frame["ITEM_CODE"].is_in(named.to_list()).to_numpy()


def _dirtied(
    frame: pl.DataFrame, kinds: tuple[Dirt, ...], protected: BoolArray, rng: np.random.Generator
) -> GeneratedTable:
    rows = frame.rows()
    counts = make_dirty(rows, frame.columns, kinds, protected, rng)
    return GeneratedTable(frame.columns, rows, counts)
