"""What the shop floor really did with the items of a block in a span of time."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from backend.erp.demo.array_types import BoolArray, FloatArray, IntArray
from backend.erp.demo.block_truth import BlockTruth
from backend.erp.demo.calendar_minutes import MINUTES_PER_DAY
from backend.erp.demo.drift import machine_drift, policy_applies
from backend.erp.demo.item_traits import ItemTraits
from backend.erp.demo.plant_parameters import (
    OUTLIER_LOG_DEVIATION,
    OUTLIER_LOG_MEAN,
    OUTLIER_SHARE,
    PlantParameters,
)
from backend.erp.demo.streams import Purpose, random_stream

DAYS_UNTIL_FIRST_ORDER: Final = 5
OTHER_MACHINE_SHARE: Final = 0.05
UNBOOKED_SHARE: Final = 0.01
"""Share of work orders whose people forgot to book one operation."""
LEARNING_RATE: Final = 0.04
QUANTITY_EXPONENT: Final = 0.95
"""A lot twice as large takes a little less than twice as long."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time in minutes since 1970; `epoch` counts how often the plant was advanced before."""

    begin: int
    end: int
    epoch: int


@dataclass(frozen=True, slots=True)
class WorkOrders:
    """One row per booked operation of a work order; minutes are for the whole lot."""

    routed: IntArray
    """Row in RoutedOperations."""
    item: IntArray
    number: IntArray
    """How many work orders this item had before in the span."""
    machine: IntArray
    outsourced: BoolArray
    quantity: IntArray
    released: IntArray
    finished: IntArray
    median_setup: FloatArray
    """The truth without noise: item, family, machine and drift known."""
    median_run: FloatArray
    setup_minutes: FloatArray
    run_minutes: FloatArray
    planned_setup: FloatArray
    planned_run: FloatArray
    backflushed: BoolArray
    outlier: BoolArray


def draw_order_counts(truth: BlockTruth, span: Span) -> IntArray:
    """Return how many work orders are released for each item in the span."""
    traits = truth.traits
    rng = random_stream(truth.plant.options.seed, Purpose.WORK_ORDER_COUNTS, truth.block.stream, span.epoch)
    exposed = np.maximum(span.end - _first_release(traits, span), 0) / MINUTES_PER_DAY
    counts = rng.poisson(traits.work_orders_per_day * exposed)
    is_first_span = span.epoch == 0
    return np.maximum(counts, 2 * traits.named.astype(np.int64)) if is_first_span else counts


def _first_release(traits: ItemTraits, span: Span) -> IntArray:
    return np.asarray(np.maximum(traits.created_minute + DAYS_UNTIL_FIRST_ORDER * MINUTES_PER_DAY, span.begin))


def draw_work_orders(truth: BlockTruth, span: Span, earlier_orders: IntArray) -> WorkOrders:
    """Draw the work orders released in the span, with the times they will take even if still open.

    `earlier_orders` counts per item what was released before the span: people have learnt from it.
    """
    options, parameters = truth.plant.options, truth.plant.parameters
    traits, routed = truth.traits, truth.routed
    rng = random_stream(options.seed, Purpose.WORK_ORDERS, truth.block.stream, span.epoch)
    counts = draw_order_counts(truth, span)
    order_item = np.repeat(np.arange(traits.count), counts)
    number = _within(counts)
    order_release = _releases(traits, order_item, span, rng)
    order_quantity = np.maximum(
        np.round(traits.lot_median[order_item] * np.exp(0.35 * rng.normal(size=len(number)))), 1
    )
    lengths = routed.length[order_item]
    order = np.repeat(np.arange(len(order_item)), lengths)
    row = routed.first_row[order_item][order] + _within(lengths)
    released, quantity = order_release[order], order_quantity[order].astype(np.int64)
    after = policy_applies(options, released)
    outsourced = np.where(after, routed.outsourced_after[row], routed.outsourced_before[row])
    usual = np.where(after, routed.machine_after[row], routed.machine_before[row])
    machine = _actual_machine(parameters, usual, rng)
    finished = released + _lead_minutes(lengths, outsourced, rng)
    lots = _Lots(row, machine, released, quantity, (number + earlier_orders[order_item])[order])
    median_setup, median_run = _medians(truth, lots)
    setup, run, outlier = _with_noise(parameters, routed.operation[row], median_setup, median_run, rng)
    has_plan = traits.has_routing[order_item][order]
    planned_setup = np.where(has_plan, routed.standard_setup[row], np.nan)
    planned_run = np.where(has_plan, np.round(routed.standard_run[row] * quantity, 2), np.nan)
    backflushed = has_plan & (rng.random(len(row)) < parameters.backflush_share[machine])
    kept = _booked(lengths, order, rng)
    return WorkOrders(
        routed=row[kept],
        item=order_item[order][kept],
        number=number[order][kept],
        machine=machine[kept],
        outsourced=outsourced[kept],
        quantity=quantity[kept],
        released=released[kept],
        finished=finished[kept],
        median_setup=median_setup[kept],
        median_run=median_run[kept],
        setup_minutes=np.where(backflushed, planned_setup, setup)[kept],
        run_minutes=np.where(backflushed, planned_run, run)[kept],
        planned_setup=planned_setup[kept],
        planned_run=planned_run[kept],
        backflushed=backflushed[kept],
        outlier=outlier[kept],
    )


def _within(lengths: IntArray) -> IntArray:
    """Return 0, 1, 2 … within each stretch of the given lengths."""
    starts = np.cumsum(lengths) - lengths
    return np.asarray(np.arange(int(lengths.sum())) - np.repeat(starts, lengths))


def _releases(traits: ItemTraits, order_item: IntArray, span: Span, rng: np.random.Generator) -> IntArray:
    """Draw release moments in working hours, in order of time per item."""
    first = _first_release(traits, span)[order_item]
    moment = first + (rng.random(len(order_item)) * np.maximum(span.end - first, 1)).astype(np.int64)
    day = moment // MINUTES_PER_DAY
    weekday = (day + 3) % 7
    day = day - np.maximum(weekday - 4, 0)
    moment = day * MINUTES_PER_DAY + 480 + (rng.random(len(order_item)) * 540).astype(np.int64)
    return np.asarray(moment[np.lexsort((moment, order_item))])


def _actual_machine(parameters: PlantParameters, usual: IntArray, rng: np.random.Generator) -> IntArray:
    """Send some rows to the next machine of the group, as planners do when the usual one is busy."""
    group = parameters.machine_group[usual]
    start, size = parameters.group_start[group], parameters.group_size[group]
    elsewhere = rng.random(len(usual)) < OTHER_MACHINE_SHARE
    return np.where(elsewhere, start + (usual - start + 1) % size, usual)


def _lead_minutes(lengths: IntArray, outsourced: BoolArray, rng: np.random.Generator) -> IntArray:
    """Return the minutes from release to the end of each operation, waiting included."""
    days = np.where(outsourced, rng.gamma(3.0, 2.0, len(outsourced)), rng.gamma(2.0, 0.5, len(outsourced)))
    total = np.cumsum(days)
    before_order = (total[np.cumsum(lengths) - lengths] - days[np.cumsum(lengths) - lengths]) if len(days) else total
    return np.asarray((total - np.repeat(before_order, lengths)) * MINUTES_PER_DAY, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class _Lots:
    routed: IntArray
    machine: IntArray
    released: IntArray
    quantity: IntArray
    experience: IntArray
    """Earlier orders of the same item."""


def _medians(truth: BlockTruth, lots: _Lots) -> tuple[FloatArray, FloatArray]:
    """Return set-up and run minutes of each lot without noise."""
    routed, parameters = truth.routed, truth.plant.parameters
    effect = parameters.machine_effect[lots.machine]
    learnt = LEARNING_RATE * np.log1p(np.minimum(lots.experience, 8))
    drift = machine_drift(truth.plant.options, parameters, lots.machine, lots.released)
    setup = np.exp(routed.log_setup[lots.routed] + 0.5 * effect)
    run = np.exp(routed.log_run[lots.routed] + effect + drift - learnt) * lots.quantity**QUANTITY_EXPONENT
    return setup, run


def _with_noise(
    parameters: PlantParameters,
    operation: IntArray,
    median_setup: FloatArray,
    median_run: FloatArray,
    rng: np.random.Generator,
) -> tuple[FloatArray, FloatArray, BoolArray]:
    rows = len(operation)
    setup = median_setup * np.exp(parameters.setup_noise[operation] * rng.normal(size=rows))
    run = median_run * np.exp(parameters.run_noise[operation] * rng.normal(size=rows))
    factor = rng.lognormal(OUTLIER_LOG_MEAN, OUTLIER_LOG_DEVIATION, rows)
    outlier = rng.random(rows) < OUTLIER_SHARE
    run = np.where(outlier, run * factor, run)
    return np.maximum(np.round(setup, 1), 0.1), np.maximum(np.round(run, 1), 0.1), outlier


def _booked(lengths: IntArray, order: IntArray, rng: np.random.Generator) -> BoolArray:
    """Drop one operation of some work orders that have at least three."""
    forgets = (rng.random(len(lengths)) < UNBOOKED_SHARE) & (lengths >= 3)
    victim = (rng.random(len(lengths)) * lengths).astype(np.int64)
    return np.asarray(~(forgets[order] & (_within(lengths) == victim[order])))
