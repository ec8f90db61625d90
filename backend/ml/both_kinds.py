"""Set-up and run expected together: beside their trees and tables both are the same sums, done once for the two."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backend.ml.arrays import Floats, Ints, sums_of
from backend.ml.circles import known_at
from backend.ml.lot_effects import LotEffects
from backend.ml.pair_history import KINDS, PairHistory
from backend.ml.shrinkage import Components
from backend.ml.time_ranges import Spread
from backend.ml.time_target import (
    NeighbourPrior,
    Questions,
    TimeTarget,
    guessed,
    guessed_by_neighbours,
    minutes_of,
)


@dataclass(frozen=True, slots=True)
class Expected:
    """Log minutes (plus offset), their standard deviation and what they rest on: a row per kind, a column per question.

    Lots as well.
    """

    log_minutes: Floats
    deviation: Floats
    knowledge: Ints
    lots: Ints


@dataclass(frozen=True, slots=True)
class BothKinds:
    """Two targets, with what they have been fitted to laid out in arrays whose first axis is SETUP and RUN."""

    targets: tuple[TimeTarget, TimeTarget]
    components: Components
    lot_effects: LotEffects
    offset: Floats
    spread: Spread

    @classmethod
    def of(cls, targets: tuple[TimeTarget, TimeTarget], spreads: Sequence[Spread]) -> "BothKinds":
        """Lay two targets and their spreads out."""
        return cls(
            targets,
            Components.stacked([each.components for each in targets]),
            LotEffects.stacked([each.lot_effects for each in targets]),
            np.array([[each.offset] for each in targets]),
            Spread(*(np.array([getattr(each, name) for each in spreads]) for name in ("low", "high", "middle"))),
        )

    def expect(
        self,
        asked: Questions,
        pairs: PairHistory,
        neighbours: tuple[NeighbourPrior, NeighbourPrior] | None,
        start: Floats,
    ) -> Expected:
        """Return what is expected of each question; `start` is what TimeTarget.start says of each kind."""
        operation, places = asked.operation, pairs.places(asked.item, asked.operation)
        if neighbours is None:
            kin = np.array([each.families.of(asked.family, operation, pairs.operations) for each in self.targets])
            known = known_at(pairs, KINDS, places, self.components, (operation, kin.swapaxes(0, 1)))
            guess, unsure, knowledge = guessed(self.components, operation, known)
            lots = known.lots
        else:
            lots, *own = pairs.at(places.pair, places.found, KINDS)
            mean = np.array([each.mean for each in neighbours])
            guess, unsure, knowledge = guessed_by_neighbours(self.components, operation, mean, lots, own)
        level, wandering = self._level(asked)
        effects = self.lot_effects.of(lots, asked.item < 0)
        deviation = np.sqrt(self.components.lot[:, operation] + unsure + wandering)
        return Expected(start + level + effects + guess, deviation, knowledge, lots)

    def _level(self, asked: Questions) -> tuple[Floats, Floats]:
        """Return the work centre's level and its variance, over all centres that it may be."""
        maybe, count = asked.maybe, len(asked.operation)
        if maybe is None:
            found = [each.levels.of(asked.operation, asked.centre) for each in self.targets]
            return np.array([level for level, _ in found]), np.array([variance for _, variance in found])
        operation = asked.operation[maybe.question]
        found = [each.levels.of(operation, maybe.centre) for each in self.targets]
        level, variance = (np.array(each) for each in zip(*found, strict=True))
        mean = sums_of(maybe.chance * level, maybe.question, count)
        around = maybe.chance * (variance + (level - mean[:, maybe.question]) ** 2)
        return mean, sums_of(around, maybe.question, count)

    def ranged(self, expected: Expected, operation: Ints) -> tuple[Floats, Floats, Floats]:
        """Return minutes and the limits of their 80 % range."""
        at = np.array([[0], [1]]), expected.knowledge, operation
        value, low, high = (
            minutes_of(expected.log_minutes + limit[at] * expected.deviation, self.offset)
            for limit in (self.spread.middle, self.spread.low, self.spread.high)
        )
        return value, np.minimum(low, value), np.maximum(high, value)
