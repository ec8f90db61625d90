"""What the best possible predictor reaches: computed from the generator's own parameters."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

import numpy as np

from backend.erp.demo.array_types import FloatArray, IntArray
from backend.erp.demo.families import habit_probability
from backend.erp.demo.habits import FLIP_PROBABILITY
from backend.erp.demo.item_traits import NEW_FAMILY_SHARE, ItemTraits
from backend.erp.demo.plant_parameters import (
    FAMILY_RUN_DEVIATION,
    FAMILY_SETUP_DEVIATION,
    ITEM_RUN_DEVIATION,
    ITEM_SETUP_DEVIATION,
    OPERATION_RUN_DEVIATION,
    OUTLIER_LOG_DEVIATION,
    OUTLIER_LOG_MEAN,
    OUTLIER_SHARE,
    PlantParameters,
)
from backend.erp.demo.routing_rules import EXTRA_TEST_PROBABILITY
from backend.erp.demo.routings import RoutedOperations
from backend.erp.demo.streams import Purpose, random_stream
from backend.erp.demo.work_orders import WorkOrders

SETUP_SHARES: Final = np.linspace(0, 1, 21)
SAMPLES: Final = 20_001


class Knowledge(StrEnum):
    """What the best possible predictor is allowed to know beside attributes, machine and drift."""

    EVERYTHING = "known_item"
    """The item's and the family's own effects: endless history."""
    FAMILY = "new_item_of_known_family"
    ATTRIBUTES = "new_item_of_new_family"


@dataclass
class FloorTotals:
    """Sums that are gathered block by block and divided at the end."""

    rows: IntArray
    """Per operation: finished work-order rows that were not booked at the standard."""
    minutes: FloatArray
    expected_error: dict[Knowledge, FloatArray]
    realised_error: FloatArray
    routed_items: int = 0
    exact_known_family: float = 0.0
    exact_new_family: float = 0.0
    lot_minutes: list[FloatArray] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ErrorTable:
    """Per operation and set-up share of the lot: median and mean absolute error, per minute of the lot."""

    median: FloatArray
    error: FloatArray


class NoiseFloor:
    """Adds up the expected error of the Bayes-optimal median over generated rows."""

    def __init__(self, parameters: PlantParameters) -> None:
        operations = len(parameters.facts.operations)
        self._parameters = parameters
        self._tables = {knowledge: _error_table(parameters, knowledge) for knowledge in Knowledge}
        self.totals = FloorTotals(
            rows=np.zeros(operations, dtype=np.int64),
            minutes=np.zeros(operations),
            expected_error={knowledge: np.zeros(operations) for knowledge in Knowledge},
            realised_error=np.zeros(operations),
        )

    def add_work_orders(self, routed: RoutedOperations, orders: WorkOrders, until: int) -> None:
        """Count the rows that were finished by then and really measured."""
        counted = (orders.finished < until) & ~orders.backflushed
        operation = routed.operation[orders.routed][counted]
        lot = (orders.median_setup + orders.median_run)[counted]
        share = orders.median_setup[counted] / lot
        actual = (orders.setup_minutes + orders.run_minutes)[counted]
        totals, size = self.totals, len(self.totals.rows)
        totals.rows += np.bincount(operation, minlength=size)
        totals.minutes += np.bincount(operation, weights=actual, minlength=size)
        totals.lot_minutes.append(actual[::10])
        for knowledge, table in self._tables.items():
            error = lot * _look_up(table.error, operation, share)
            totals.expected_error[knowledge] += np.bincount(operation, weights=error, minlength=size)
        best = lot * _look_up(self._tables[Knowledge.EVERYTHING].median, operation, share)
        totals.realised_error += np.bincount(operation, weights=np.abs(actual - best), minlength=size)

    def add_routings(self, traits: ItemTraits, routed: RoutedOperations) -> None:
        """Add the chance that the likeliest operation sequence of each item is right."""
        probability = habit_probability(self._parameters, traits.part_type, traits.seal_type)
        follows = probability * (1 - FLIP_PROBABILITY) + (1 - probability) * FLIP_PROBABILITY
        likeliest = np.where(traits.habit_applies, np.maximum(follows, 1 - follows), 1.0).prod(axis=1)
        known = (1 - FLIP_PROBABILITY) ** traits.habit_applies.sum(axis=1)
        test = np.where(routed.extra_test_applies, 1 - EXTRA_TEST_PROBABILITY, 1.0)
        self.totals.routed_items += traits.count
        self.totals.exact_known_family += float((known * test).sum())
        self.totals.exact_new_family += float((likeliest * test).sum())

    @property
    def exact_match_ceiling(self) -> float:
        """Share of exact sequences that the best predictor reaches on items created from now on."""
        totals = self.totals
        exact = totals.exact_known_family * (1 - NEW_FAMILY_SHARE) + totals.exact_new_family * NEW_FAMILY_SHARE
        return exact / max(totals.routed_items, 1)

    def _mean_error(self, knowledge: Knowledge) -> float:
        return float(self.totals.expected_error[knowledge].sum() / max(int(self.totals.rows.sum()), 1))

    def to_json(self) -> dict[str, Any]:
        """Return the floor and the ceilings as JSON values."""
        totals, items = self.totals, max(self.totals.routed_items, 1)
        rows = max(int(totals.rows.sum()), 1)
        lots = np.concatenate(totals.lot_minutes) if totals.lot_minutes else np.zeros(1)
        return {
            "mae_minutes": {str(knowledge): round(self._mean_error(knowledge), 4) for knowledge in Knowledge},
            "realised_mae_minutes_known_item": round(float(totals.realised_error.sum()) / rows, 4),
            "wape_known_item": round(
                self._mean_error(Knowledge.EVERYTHING) * rows / float(totals.minutes.sum() or 1), 4
            ),
            "mean_lot_minutes": round(float(totals.minutes.sum()) / rows, 3),
            "median_lot_minutes": round(float(np.median(lots)), 3) if len(lots) else 0.0,
            "rows": int(totals.rows.sum()),
            "mae_minutes_by_operation": self._by_operation(),
            "exact_match_ceiling": {
                "new_item_of_known_family": round(totals.exact_known_family / items, 4),
                "new_item_of_new_family": round(totals.exact_new_family / items, 4),
                "new_items": round(self.exact_match_ceiling, 4),
            },
        }

    def _by_operation(self) -> dict[str, float]:
        error, rows = self.totals.expected_error[Knowledge.EVERYTHING], self.totals.rows
        codes = [operation.code for operation in self._parameters.facts.operations]
        return {code: round(float(error[i] / rows[i]), 4) for i, code in enumerate(codes) if rows[i]}


def best_minutes(parameters: PlantParameters, routed: RoutedOperations, orders: WorkOrders) -> FloatArray:
    """Return, per row, the lot minutes that the best possible predictor says: it knows all but the noise."""
    lot = orders.median_setup + orders.median_run
    table = _error_table(parameters, Knowledge.EVERYTHING)
    return lot * _look_up(table.median, routed.operation[orders.routed], orders.median_setup / lot)


def unknown_deviations(parameters: PlantParameters, knowledge: Knowledge) -> tuple[FloatArray, FloatArray]:
    """Return the standard deviations of log set-up and log run minutes that remain per operation."""
    setup, run = parameters.setup_noise**2, parameters.run_noise**2
    if knowledge is not Knowledge.EVERYTHING:
        setup = setup + ITEM_SETUP_DEVIATION**2
        run = run + ITEM_RUN_DEVIATION**2 + OPERATION_RUN_DEVIATION**2
    if knowledge is Knowledge.ATTRIBUTES:
        setup, run = setup + FAMILY_SETUP_DEVIATION**2, run + FAMILY_RUN_DEVIATION**2
    return np.sqrt(setup), np.sqrt(run)


def _error_table(parameters: PlantParameters, knowledge: Knowledge) -> ErrorTable:
    """Simulate lots of one minute: the sum of two lognormals has no closed form."""
    rng = random_stream(parameters.seed, Purpose.NOISE_FLOOR)
    first, second = rng.normal(size=SAMPLES), rng.normal(size=SAMPLES)
    outlier = np.where(
        rng.random(SAMPLES) < OUTLIER_SHARE, rng.lognormal(OUTLIER_LOG_MEAN, OUTLIER_LOG_DEVIATION, SAMPLES), 1.0
    )
    medians, errors = [], []
    for setup_deviation, run_deviation in zip(*unknown_deviations(parameters, knowledge), strict=True):
        setup = np.exp(setup_deviation * first)
        run = np.exp(run_deviation * second) * outlier
        lots = SETUP_SHARES[:, None] * setup + (1 - SETUP_SHARES[:, None]) * run
        median = np.median(lots, axis=1)
        medians.append(median)
        errors.append(np.abs(lots - median[:, None]).mean(axis=1))
    return ErrorTable(np.array(medians), np.array(errors))


def _look_up(table: FloatArray, operation: IntArray, share: FloatArray) -> FloatArray:
    """Interpolate a table between set-up shares."""
    position = share * (len(SETUP_SHARES) - 1)
    low = np.minimum(position.astype(np.int64), len(SETUP_SHARES) - 2)
    weight = position - low
    return np.asarray(table[operation, low] * (1 - weight) + table[operation, low + 1] * weight)
