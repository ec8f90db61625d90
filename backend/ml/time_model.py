"""Minutes of operations with their ranges: set-up per lot, run per unit, and the whole lot."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import numpy as np

from backend.ml.arrays import Floats, Ints
from backend.ml.both_kinds import BothKinds
from backend.ml.neighbour_fit import with_neighbours
from backend.ml.pair_history import RUN, SETUP, PairHistory, join_histories
from backend.ml.rehearsal import Ahead, NeighbourMeans, rehearse, rehearse_with_neighbours, windows
from backend.ml.target_fit import TargetFit, TimeSetting, fit_target
from backend.ml.time_ranges import Spread
from backend.ml.time_rows import TimeRows
from backend.ml.time_target import NeighbourPrior, Questions, TimeTarget
from backend.ml.time_trees import TimeTrees

LOT: Final = 2
"""Number of the whole lot beside SETUP and RUN."""
TINY: Final = 1e-3
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


@dataclass(frozen=True)
class TimeModel:
    """The fitted times of a plant."""

    setup: TimeTarget
    run: TimeTarget
    pairs: PairHistory
    spreads: tuple[Spread, Spread, Spread]
    """For set-up, run and lot (see LOT)."""

    @property
    def uses_trees(self) -> bool:
        """Tell whether questions need item features."""
        return bool(self.setup.boosters or self.run.boosters)

    def predict(
        self,
        asked: Questions,
        quantity: Floats,
        neighbours: tuple[NeighbourPrior, NeighbourPrior] | None,
        start: Floats,
    ) -> OperationMinutes:
        """Return minutes per question; `start` is what they start from (see TimeTrees.starts)."""
        expected = self._both.expect(asked, self.pairs, neighbours, start)
        setup, run = map(Minutes, *self._both.ranged(expected, asked.operation))
        lot_run = run.value * quantity
        deviation = lot_deviation(setup.value, lot_run, *expected.deviation)
        at = np.maximum(*expected.knowledge), asked.operation
        lot = _lot(setup.value + lot_run, deviation, self.spreads[LOT], at)
        run = _widened(run, np.maximum(lot.value - setup.value, 0.0) / quantity)
        return OperationMinutes(setup, run, lot, np.maximum(*expected.lots))

    @cached_property
    def trees(self) -> TimeTrees:
        """What follows the trees; made when it is first asked for."""
        return TimeTrees((self.setup, self.run))

    @cached_property
    def _both(self) -> BothKinds:
        return BothKinds.of((self.setup, self.run), self.spreads[:LOT])

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
    _, known, mean = pairs.look_up(neighbours.items, operation[questions], kind)
    weight = np.where(known > 0, neighbours.weights, 0.0)
    total = np.bincount(questions, weights=weight, minlength=len(operation))
    return np.asarray(
        np.bincount(questions, weights=weight * mean, minlength=len(operation)) / (total + NEIGHBOUR_PULL)
    )


def fit_times(rows: TimeRows, setting: TimeSetting, neighbour_means: NeighbourMeans | None, chosen: Ints) -> TimeModel:
    """Fit both kinds of minutes and the ranges; `chosen` items rehearse neighbours where there are no trees."""
    setup = fit_target(rows, rows.setup_minutes, SETUP, setting)
    fits = [setup, fit_target(rows, rows.run_minutes_per_unit, RUN, setting, setup.worth)]
    after = windows(rows.age_days)
    if neighbour_means is None:
        parts = rehearse(fits, after)
    else:
        fits = [with_neighbours(fit, chosen, neighbour_means) for fit in fits]
        parts = [rehearse_with_neighbours(fit, chosen, after, neighbour_means) for fit in fits]
    pairs = join_histories(*(fit.history() for fit in fits))
    return TimeModel(fits[SETUP].target, fits[RUN].target, pairs, _spreads(rows, fits, parts, setting.operations))


def _spreads(
    rows: TimeRows, fits: list[TargetFit], parts: list[Ahead], operations: int
) -> tuple[Spread, Spread, Spread]:
    spreads = [
        Spread.fit(
            rows.operation[part.rows], part.knowledge, (part.actual - part.expected) / part.deviation, operations
        )
        for part in parts
    ]
    _, where_setup, where_run = np.intersect1d(parts[SETUP].keys(), parts[RUN].keys(), return_indices=True)
    if not len(where_setup):  # only one kind is booked in this plant, so the lot is that kind
        alone = spreads[SETUP if len(parts[SETUP].rows) else RUN]
        return spreads[SETUP], spreads[RUN], replace(alone, middle=np.zeros_like(alone.middle))
    setup, run = parts[SETUP].take(where_setup), parts[RUN].take(where_run)
    quantity = np.nan_to_num(rows.quantity[setup.rows], nan=1.0)
    operation = rows.operation[setup.rows]
    expected_setup, expected_run = (
        fit.target.minutes(part.expected + spread.middle[part.knowledge, operation] * part.deviation)
        for fit, part, spread in zip(fits, (setup, run), spreads, strict=True)
    )
    expected_run = expected_run * quantity
    deviation = lot_deviation(expected_setup, expected_run, setup.deviation, run.deviation)
    actual = rows.setup_minutes[setup.rows] + rows.run_minutes_per_unit[setup.rows] * quantity
    score = (np.log(actual + TINY) - np.log(expected_setup + expected_run + TINY)) / deviation
    knowledge = np.maximum(setup.knowledge, run.knowledge)
    return spreads[SETUP], spreads[RUN], Spread.fit(operation, knowledge, score, operations)


_MOST_LOG_MINUTES: Final = 25.0
"""A hundred thousand years: nothing above is answered, so that no range overflows."""


def _lot(total: Floats, deviation: Floats, spread: Spread, at: tuple[Ints, Ints]) -> Minutes:
    """Return the lot's minutes; the median of a sum is not the sum of the parts' medians."""
    log_value = np.log(total + TINY)
    value = np.maximum(np.exp(np.minimum(log_value + spread.middle[at] * deviation, _MOST_LOG_MINUTES)) - TINY, 0.0)
    low = np.exp(np.minimum(log_value + spread.low[at] * deviation, _MOST_LOG_MINUTES)) - TINY
    high = np.exp(np.minimum(log_value + spread.high[at] * deviation, _MOST_LOG_MINUTES)) - TINY
    return Minutes(value, np.minimum(np.maximum(low, 0.0), value), np.maximum(high, value))


def _widened(minutes: Minutes, value: Floats) -> Minutes:
    """Return minutes of another value: the run takes what the lot's median has beyond its parts'; so they add up."""
    return Minutes(value, np.minimum(minutes.low, value), np.maximum(minutes.high, value))


def lot_deviation(setup: Floats, run: Floats, setup_deviation: Floats, run_deviation: Floats) -> Floats:
    """Return the deviation of the log of a sum whose parts vary independently (first order)."""
    total = setup + run + TINY
    return np.asarray(np.sqrt((setup / total * setup_deviation) ** 2 + (run / total * run_deviation) ** 2) + TINY)
