"""What the rows that a model may see tell about one block: per routed row, beside what attributes explain."""

from dataclasses import dataclass, fields, replace
from typing import Final

import numpy as np

from backend.erp.demo.block_truth import BlockTruth
from backend.erp.demo.calendar_minutes import minute_of
from backend.erp.demo.drift import machine_drift, policy_applies, policy_day
from backend.erp.demo.item_traits import ItemTraits
from backend.erp.demo.plant_parameters import PlantParameters
from backend.erp.demo.routings import RowTraits, log_medians, places_by_rule
from backend.erp.demo.work_orders import LEARNING_RATE, QUANTITY_EXPONENT, WorkOrders
from benchmarks.oracle.arrays import BoolArray, FloatArray, IntArray, sum_by

PLACES: Final = 5
"""Machines that a row can be on, counted from the rule's: preference 0-2, noise 0-1, busy 0-1."""
UNKNOWN: Final = -1


@dataclass(frozen=True, slots=True)
class Evidence:
    """One entry per routed row; residuals are log minutes less what attributes, machine and drift explain."""

    setup_lots: FloatArray
    """How many measured set-ups there are."""
    setup_mean: FloatArray
    run_lots: FloatArray
    """How many measured run times that are no outliers there are."""
    run_mean: FloatArray
    has_standard: BoolArray
    standard_setup: FloatArray
    standard_run: FloatArray
    standard_rounding: FloatArray
    """Variance that rounding the set-up standard to tenths of a minute adds."""
    outside_before: IntArray
    """1 outside, 0 in-house, UNKNOWN: under the policy before and after its change."""
    outside_after: IntArray
    places: FloatArray
    """(row, in-house or outside, place): lots done there."""
    standard_place: IntArray
    """(row, in-house or outside): the usual place, where the ERP's routing names it."""

    def take(self, rows: IntArray) -> "Evidence":
        """Return some rows; those asked for as UNKNOWN know nothing."""
        blank = rows == UNKNOWN
        taken = {field.name: getattr(self, field.name)[np.maximum(rows, 0)].copy() for field in fields(self)}
        for name, values in taken.items():
            values[blank] = UNKNOWN if name in {"outside_before", "outside_after", "standard_place"} else 0
        return Evidence(**taken)


def joined(parts: list[Evidence]) -> Evidence:
    """Return the rows of several blocks as one."""
    return Evidence(
        **{field.name: np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Evidence)}
    )


def explained_medians(
    parameters: PlantParameters, traits: ItemTraits, item: IntArray, operation: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Return log set-up and log run minutes per piece from attributes alone."""
    nothing = np.zeros(traits.count)
    return log_medians(parameters, replace(traits, setup_effect=nothing, run_effect=nothing), item, operation)


def gather(truth: BlockTruth, batches: list[WorkOrders], experience: list[IntArray], cutoff: int) -> Evidence:
    """Return what standards and the lots finished by the cutoff (minutes of the plant's time) tell."""
    routed = truth.routed
    lots = [_of_lots(truth, orders, before, cutoff) for orders, before in zip(batches, experience, strict=True)]
    setup_lots, run_lots, places = (
        np.sum([getattr(lot, n) for lot in lots], axis=0) for n in ("setup", "run", "places")
    )
    outside = [np.max([lot.outside[regime] for lot in lots], axis=0) for regime in (0, 1)]
    has_standard = truth.traits.has_routing[routed.item]
    setup, run = _standards(truth)
    for regime, of_standard in enumerate(_standard_regimes(truth)):
        wanted = (routed.outsourced_before, routed.outsourced_after)[regime]
        outside[regime] = np.where(of_standard & has_standard, wanted, outside[regime])
    return Evidence(
        setup_lots=setup_lots[:, 0],
        setup_mean=_mean(setup_lots),
        run_lots=run_lots[:, 0],
        run_mean=_mean(run_lots),
        has_standard=has_standard,
        standard_setup=np.where(has_standard, setup, 0.0),
        standard_run=np.where(has_standard, run, 0.0),
        standard_rounding=(0.1 / routed.standard_setup) ** 2 / 12,
        outside_before=outside[0],
        outside_after=outside[1],
        places=places,
        standard_place=_standard_places(truth, has_standard),
    )


def _mean(count_and_sum: FloatArray) -> FloatArray:
    return np.asarray(count_and_sum[:, 1] / np.maximum(count_and_sum[:, 0], 1))


@dataclass(frozen=True, slots=True)
class _LotTotals:
    """Per routed row: counts and sums of residuals, sides and places."""

    setup: FloatArray
    run: FloatArray
    outside: tuple[IntArray, IntArray]
    places: FloatArray


def _of_lots(truth: BlockTruth, orders: WorkOrders, before: IntArray, cutoff: int) -> _LotTotals:
    """Add up what the finished lots tell, per routed row."""
    parameters, options, routed = truth.plant.parameters, truth.plant.options, truth.routed
    rows = len(routed.item)
    done = np.flatnonzero(orders.finished <= cutoff)
    row, machine, released = orders.routed[done], orders.machine[done], orders.released[done]
    known_setup, known_run = explained_medians(parameters, truth.traits, routed.item[row], routed.operation[row])
    effect = parameters.machine_effect[machine]
    drift = machine_drift(options, parameters, machine, released)
    known_run += effect + drift + QUANTITY_EXPONENT * np.log(orders.quantity[done])
    known_run -= learnt(orders.number[done] + before[orders.item[done]])
    measured = ~orders.backflushed[done]
    plain = measured & ~orders.outlier[done]
    setup = np.log(orders.setup_minutes[done]) - known_setup - 0.5 * effect
    run = np.log(orders.run_minutes[done]) - known_run
    after = policy_applies(options, released)
    outside = orders.outsourced[done]
    told = RowTraits(parameters, truth.plant.families, truth.traits, routed.item[row], routed.operation[row])
    group, place = places_by_rule(told, outside)
    distance = _distance(parameters, group, place, machine)
    cell = (row * 2 + outside) * PLACES + distance
    return _LotTotals(
        sum_by(row, np.column_stack([measured, np.where(measured, setup, 0.0)]), rows),
        sum_by(row, np.column_stack([plain, np.where(plain, run, 0.0)]), rows),
        (_seen(row[~after], outside[~after], rows), _seen(row[after], outside[after], rows)),
        np.bincount(cell, minlength=rows * 2 * PLACES).reshape(rows, 2, PLACES).astype(float),
    )


def learnt(experience: IntArray) -> FloatArray:
    """Return by how much log run minutes have fallen after so many lots of the item."""
    return np.asarray(LEARNING_RATE * np.log1p(np.minimum(experience, 8)))


def _seen(row: IntArray, outside: BoolArray, rows: int) -> IntArray:
    seen = np.full(rows, UNKNOWN)
    seen[row] = outside
    return seen


def _distance(parameters: PlantParameters, group: IntArray, place: IntArray, machine: IntArray) -> IntArray:
    """Return how many machines further than the rule's a row is; the smallest number that fits."""
    return np.asarray((machine - parameters.group_start[group] - place) % parameters.group_size[group])


def _standards(truth: BlockTruth) -> tuple[FloatArray, FloatArray]:
    parameters, routed = truth.plant.parameters, truth.routed
    known_setup, known_run = explained_medians(parameters, truth.traits, routed.item, routed.operation)
    effect = parameters.machine_effect[routed.machine_before]
    return (
        np.log(routed.standard_setup) - known_setup - 0.5 * effect,
        np.log(routed.standard_run) - known_run - effect,
    )


def _standard_regimes(truth: BlockTruth) -> tuple[BoolArray, BoolArray]:
    """Tell under which policies the ERP's routings say who does a row."""
    day = policy_day(truth.plant.options)
    everywhere = np.ones(len(truth.routed.item), dtype=bool)
    if day is None:
        return everywhere, everywhere
    return truth.traits.created_minute[truth.routed.item] < minute_of(day), everywhere


def _standard_places(truth: BlockTruth, has_standard: BoolArray) -> IntArray:
    parameters, routed = truth.plant.parameters, truth.routed
    places = np.full((len(routed.item), 2), UNKNOWN)
    rows = RowTraits(parameters, truth.plant.families, truth.traits, routed.item, routed.operation)
    regimes = zip(
        _standard_regimes(truth),
        (routed.outsourced_before, routed.outsourced_after),
        (routed.machine_before, routed.machine_after),
        strict=True,
    )
    for of_standard, outside, machine in regimes:
        told = np.flatnonzero(of_standard & has_standard)
        group, place = places_by_rule(rows, outside)
        places[told, outside[told].astype(int)] = _distance(parameters, group, place, machine)[told]
    return places
