"""Minutes of operations with their ranges: set-up per lot, run per unit, and the whole lot."""

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from backend.ml.arrays import Floats, Ints
from backend.ml.neighbour_fit import NeighbourMeans, with_neighbours
from backend.ml.pair_history import RUN, SETUP, PairHistory, join_pairs
from backend.ml.target_fit import Ahead, TargetFit, TimeSetting, fit_target
from backend.ml.time_ranges import Spread, newest
from backend.ml.time_rows import TimeRows
from backend.ml.time_target import NeighbourPrior, Questions, TimeTarget

NEIGHBOUR_PULL: Final = 0.5
"""Neighbour weight that stands for knowing nothing; the nearest neighbour weighs 1."""
MAX_REHEARSED_ITEMS: Final = 3000


@dataclass(frozen=True, slots=True)
class Minutes:
    """Expected value and 80 % range, one entry per question."""

    value: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True)
class OperationMinutes:
    """Set-up, run per unit, and lot (set-up + run x quantity), with the own lots behind them."""

    setup: Minutes
    run: Minutes
    lot: Minutes
    evidence: Ints


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Entry k is a neighbour, of that weight, of the item of question `questions[k]`."""

    questions: Ints
    items: Ints
    weights: Floats


@dataclass(frozen=True, slots=True)
class TimeModel:
    """The fitted times of a plant."""

    setup: TimeTarget
    run: TimeTarget
    pairs: PairHistory
    spreads: tuple[Spread, Spread, Spread]
    """For set-up, run and lot."""

    @property
    def uses_trees(self) -> bool:
        """Tell whether questions need item features."""
        return bool(self.setup.boosters or self.run.boosters)

    def predict(
        self, asked: Questions, quantity: Floats, neighbours: tuple[NeighbourPrior, NeighbourPrior] | None
    ) -> OperationMinutes:
        """Return minutes per question; the trees run once for all of them."""
        priors = neighbours or (None, None)
        log_setup, setup_deviation = self.setup.expect(asked, self.pairs, priors[SETUP])
        log_run, run_deviation = self.run.expect(asked, self.pairs, priors[RUN])
        setup = _ranged(self.setup, log_setup, setup_deviation, self.spreads[SETUP], asked.operation)
        run = _ranged(self.run, log_run, run_deviation, self.spreads[RUN], asked.operation)
        run_minutes = run.value * quantity
        deviation = _lot_deviation(setup.value, run_minutes, setup_deviation, run_deviation)
        lot = _lot(setup.value, run_minutes, deviation, self.spreads[2], asked.operation)
        counts = [self.pairs.look_up(asked.item, asked.operation, kind)[0] for kind in (SETUP, RUN)]
        return OperationMinutes(setup, run, lot, np.maximum(*counts))

    def neighbour_means(self, neighbours: Neighbours, operation: Ints) -> tuple[NeighbourPrior, NeighbourPrior]:
        """Return what neighbours say per question on set-up and run."""
        means = [neighbour_mean(self.pairs, neighbours, operation, kind) for kind in (SETUP, RUN)]
        return NeighbourPrior(means[SETUP]), NeighbourPrior(means[RUN])

    def to_parts(self, items: int) -> dict[str, Any]:
        """Return plain values."""
        return {
            "setup": self.setup.to_parts(),
            "run": self.run.to_parts(),
            "pairs": self.pairs.to_parts(items),
            "spreads": [spread.to_parts() for spread in self.spreads],
        }

    @classmethod
    def from_parts(cls, parts: dict[str, Any]) -> "TimeModel":
        """Read what to_parts wrote."""
        spreads = [Spread(**each) for each in parts["spreads"]]
        return cls(
            TimeTarget.from_parts(parts["setup"]),
            TimeTarget.from_parts(parts["run"]),
            PairHistory.from_parts(parts["pairs"]),
            (spreads[0], spreads[1], spreads[2]),
        )


def neighbour_mean(pairs: PairHistory, neighbours: Neighbours, operation: Ints, kind: int) -> Floats:
    """Return the weighted mean of the neighbours' residuals per question, shrunk towards none."""
    questions = neighbours.questions
    count, mean = pairs.look_up(neighbours.items, operation[questions], kind)
    weight = np.where(count > 0, neighbours.weights, 0.0)
    total = np.bincount(questions, weights=weight, minlength=len(operation))
    return np.asarray(
        np.bincount(questions, weights=weight * mean, minlength=len(operation)) / (total + NEIGHBOUR_PULL)
    )


def fit_times(rows: TimeRows, setting: TimeSetting, neighbour_means: NeighbourMeans | None, chosen: Ints) -> TimeModel:
    """Fit both kinds of minutes and the ranges; `chosen` items rehearse neighbours where there are no trees."""
    fits = [
        fit_target(rows, minutes, kind, setting)
        for kind, minutes in ((SETUP, rows.setup_minutes), (RUN, rows.run_minutes_per_unit))
    ]
    if neighbour_means is not None:
        fits = [with_neighbours(fit, rows, chosen, neighbour_means) for fit in fits]
    pairs = join_pairs((fits[SETUP].pairs, fits[RUN].pairs), setting.operations)
    return TimeModel(fits[SETUP].target, fits[RUN].target, pairs, _spreads(rows, fits, setting))


def _spreads(rows: TimeRows, fits: list[TargetFit], setting: TimeSetting) -> tuple[Spread, Spread, Spread]:
    parts = [_newest_part(fit.ahead, rows, setting.seed) for fit in fits]
    spreads = [
        Spread.fit(rows.operation[part.rows], (part.actual - part.expected) / part.deviation, setting.operations)
        for part in parts
    ]
    both, where_setup, where_run = np.intersect1d(parts[SETUP].rows, parts[RUN].rows, return_indices=True)
    if not len(both):  # only one kind is booked in this plant, so the lot is that kind
        return spreads[SETUP], spreads[RUN], spreads[SETUP if len(parts[SETUP].rows) else RUN]
    setup, run = fits[SETUP].target, fits[RUN].target
    quantity = np.nan_to_num(rows.quantity[both], nan=1.0)
    expected_setup = setup.minutes(parts[SETUP].expected[where_setup])
    expected_run = run.minutes(parts[RUN].expected[where_run]) * quantity
    deviation = _lot_deviation(
        expected_setup, expected_run, parts[SETUP].deviation[where_setup], parts[RUN].deviation[where_run]
    )
    actual = rows.setup_minutes[both] + rows.run_minutes_per_unit[both] * quantity
    score = (np.log(actual + _TINY) - np.log(expected_setup + expected_run + _TINY)) / deviation
    return spreads[SETUP], spreads[RUN], Spread.fit(rows.operation[both], score, setting.operations)


_TINY: Final = 1e-3


def _newest_part(ahead: Ahead, rows: TimeRows, seed: int) -> Ahead:
    kept = newest(rows.age_days[ahead.rows], seed)
    return replace(
        ahead,
        rows=ahead.rows[kept],
        expected=ahead.expected[kept],
        deviation=ahead.deviation[kept],
        actual=ahead.actual[kept],
    )


def _ranged(target: TimeTarget, log_minutes: Floats, deviation: Floats, spread: Spread, operation: Ints) -> Minutes:
    value = target.minutes(log_minutes)
    low = target.minutes(log_minutes + spread.low[operation] * deviation)
    high = target.minutes(log_minutes + spread.high[operation] * deviation)
    return Minutes(value, np.minimum(low, value), np.maximum(high, value))


def _lot(setup: Floats, run: Floats, deviation: Floats, spread: Spread, operation: Ints) -> Minutes:
    value = setup + run
    low = (value + _TINY) * np.exp(spread.low[operation] * deviation) - _TINY
    high = (value + _TINY) * np.exp(spread.high[operation] * deviation) - _TINY
    return Minutes(value, np.clip(low, 0.0, value), np.maximum(high, value))


def _lot_deviation(setup: Floats, run: Floats, setup_deviation: Floats, run_deviation: Floats) -> Floats:
    """Return the deviation of the log of a sum whose parts vary independently (first order)."""
    total = setup + run + _TINY
    return np.asarray(np.sqrt((setup / total * setup_deviation) ** 2 + (run / total * run_deviation) ** 2) + _TINY)
