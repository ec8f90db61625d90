"""Minutes of operations with their ranges: set-up per lot, run per unit, and the whole lot."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np

from backend.domain.records import record
from backend.ml.common.arrays import Floats, Ints
from backend.ml.history.pair_history import RUN, SETUP, PairHistory
from backend.ml.history.visits import AskedVisits
from backend.ml.times.both_kinds import BothKinds
from backend.ml.times.routing_totals import TotalRanges
from backend.ml.times.time_ranges import Spread
from backend.ml.times.time_target import NeighbourPrior, Questions, TimeTarget
from backend.ml.times.time_trees import TimeTrees

LOT: Final = 2
"""Number of the whole lot beside SETUP and RUN."""
TINY: Final = 1e-3
NEIGHBOUR_PULL: Final = 0.5
"""Neighbour weight that stands for knowing nothing; the nearest neighbour weighs 1."""
MAX_REHEARSED_ITEMS: Final = 3000


@record
class Minutes:
    """Expected value and 80 % range, one entry per question."""

    value: Floats
    low: Floats
    high: Floats


@record
class OperationMinutes:
    """Set-up, run per unit, and lot (set-up + run x quantity), with the own lots behind them."""

    setup: Minutes
    run: Minutes
    lot: Minutes
    evidence: Ints
    knowledge: Ints
    """What the lot's minutes rest on (see KNOWLEDGE)."""


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
    totals: TotalRanges | None
    """For whole routings; None of a plant with too few lots, and in bundles of releases that did not learn them."""

    @property
    def uses_trees(self) -> bool:
        """Tell whether questions need item features."""
        return bool(self.setup.boosters or self.run.boosters)

    @property
    def tells_visits_apart(self) -> bool:
        """Tell whether operations come back in routings, and their visits have times of their own."""
        return self.setup.visits is not None or self.run.visits is not None

    def predict(
        self,
        asked: Questions,
        quantity: Floats,
        neighbours: tuple[NeighbourPrior, NeighbourPrior] | None,
        start: Floats,
        visits: AskedVisits | None = None,
    ) -> OperationMinutes:
        """Return minutes per question, or visit; `start` is what they start from (see TimeTrees.starts)."""
        expected, operation = self._both.expect(asked, self.pairs, neighbours, start), asked.operation
        if visits is not None:
            expected = self._both.of_visits(expected, asked, visits)
            operation, quantity = operation[visits.question], quantity[visits.question]
        setup, run = map(Minutes, *self._both.ranged(expected, operation))
        lot_run = run.value * quantity
        deviation = lot_deviation(setup.value, lot_run, *expected.deviation)
        knowledge = np.maximum(*expected.knowledge)
        limits = self._both.limits[:, LOT, knowledge, operation]
        lot = lot_minutes(setup.value + lot_run, deviation, limits)
        lot = _widened(lot, np.maximum(lot.value, setup.value))  # of hardly any pieces: not less than its set-up
        run = _widened(run, (lot.value - setup.value) / quantity)
        return OperationMinutes(setup, run, lot, np.maximum(*expected.lots), knowledge)

    @cached_property
    def trees(self) -> TimeTrees:
        """What follows the trees; made when it is first asked for."""
        return TimeTrees((self.setup, self.run))

    @cached_property
    def _both(self) -> BothKinds:
        return BothKinds.of((self.setup, self.run), self.spreads)

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
            "totals": self.totals.to_parts() if self.totals else None,
        }

    @classmethod
    def from_parts(cls, parts: dict[str, Any]) -> "TimeModel":
        """Read what to_parts wrote."""
        spreads = [Spread(**each) for each in parts["spreads"]]
        totals = parts.get("totals")
        return cls(
            TimeTarget.from_parts(parts["setup"]),
            TimeTarget.from_parts(parts["run"]),
            PairHistory.from_parts(parts["pairs"]),
            (spreads[0], spreads[1], spreads[2]),
            TotalRanges.from_parts(totals) if totals else None,
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


_MOST_LOG_MINUTES: Final = 25.0
"""A hundred thousand years: nothing above is answered, so that no range overflows."""


def lot_minutes(total: Floats, deviation: Floats, limits: Floats) -> Minutes:
    """Return the lot's minutes, given limits (see Spread.limits).

    The median of a sum is not the sum of the parts' medians.
    """
    log_minutes = np.minimum(np.log(total + TINY) + limits * deviation, _MOST_LOG_MINUTES)
    value, low, high = np.maximum(np.exp(log_minutes) - TINY, 0.0)
    return Minutes(value, np.minimum(low, value), np.maximum(high, value))


def _widened(minutes: Minutes, value: Floats) -> Minutes:
    """Return minutes of another value, such that set-up, run and lot add up though medians do not; in their range."""
    return Minutes(value, np.minimum(minutes.low, value), np.maximum(minutes.high, value))


def lot_deviation(setup: Floats, run: Floats, setup_deviation: Floats, run_deviation: Floats) -> Floats:
    """Return the deviation of the log of a sum whose parts vary independently (first order)."""
    total = setup + run + TINY
    return np.asarray(np.sqrt((setup / total * setup_deviation) ** 2 + (run / total * run_deviation) ** 2) + TINY)
