"""Set-up and run expected together: beside their trees and tables both are the same sums, done once for the two."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import Final

import numpy as np

from backend.domain.records import record
from backend.ml.common.arrays import Floats, Ints, merged, sums_of
from backend.ml.history.pair_history import KINDS, RUN, SETUP, PairHistory
from backend.ml.history.visits import AskedVisits
from backend.ml.times.circles import FamilyTotals, known_at
from backend.ml.times.drift import Levels
from backend.ml.times.lot_effects import LotEffects
from backend.ml.times.shrinkage import Components
from backend.ml.times.time_ranges import Spread
from backend.ml.times.time_target import (
    NeighbourPrior,
    Questions,
    TimeTarget,
    guessed,
    guessed_by_neighbours,
    minutes_of,
)
from backend.ml.times.visits import VisitRows, no_shifts

_KINDS: Final = np.array([[SETUP], [RUN]])


@record
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
    alike: bool
    """Whether the totals of families have the same keys for both, as they mostly have."""
    levels: Levels
    lot_effects: LotEffects
    offset: Floats
    limits: Floats
    """The middle, low and high of Spread (first axis), for as many kinds as spreads were given."""

    @classmethod
    def of(cls, targets: tuple[TimeTarget, TimeTarget], spreads: Sequence[Spread]) -> "BothKinds":
        """Lay two targets and their spreads out."""
        return cls(
            targets,
            Components.stacked([each.components for each in targets]),
            _are_alike(*(each.families for each in targets)),
            _stacked([each.levels for each in targets]),
            LotEffects.stacked([each.lot_effects for each in targets]),
            np.array([[each.offset] for each in targets]),
            np.array([[getattr(each, name) for each in spreads] for name in ("middle", "low", "high")]),
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
            kin = self._kin(asked.family, operation, pairs.operations)
            known = known_at(pairs, KINDS, places, self.components, (operation, kin))
            guess, unsure, knowledge = guessed(self.components, operation, known)
            lots = known.lots
        else:
            lots, *own = pairs.at(places.pair, places.found, KINDS)
            mean = np.array([each.mean for each in neighbours])
            guess, unsure, knowledge = guessed_by_neighbours(self.components, operation, mean, lots, own)
        level, wandering = self._level(asked)
        effects = self.lot_effects.of(lots, asked.item < 0)
        deviation = np.sqrt(self.components.lot.take(operation, axis=-1) + unsure + wandering)
        return Expected(start + level + effects + guess, deviation, knowledge, lots)

    def of_visits(self, expected: Expected, asked: Questions, visits: AskedVisits) -> Expected:
        """Return what is expected of each visit, given what is of the operations; its own lots are the evidence."""
        item, operation = asked.item[visits.question], asked.operation[visits.question]
        operations = self.components.lot.shape[-1]
        pair = np.where(item >= 0, item * operations, -operations) + operation
        rows = VisitRows(pair, visits.visit, visits.visit)
        found = [each.visits.at(rows) if each.visits else no_shifts(len(pair)) for each in self.targets]
        shift, unsure, lots = (np.array([getattr(one, name) for one in found]) for name in ("shift", "unsure", "lots"))
        return Expected(
            expected.log_minutes[:, visits.question] + shift,
            np.sqrt(expected.deviation[:, visits.question] ** 2 + unsure),
            expected.knowledge[:, visits.question],
            np.where(lots > 0, lots, expected.lots[:, visits.question]),
        )

    def _kin(self, family: Ints, operation: Ints, operations: int) -> Floats:
        """Return what FamilyTotals.of says, with the kind as second axis."""
        setup, run = (each.families for each in self.targets)
        found = setup.find(family, operation, operations)
        of_run = found if self.alike else run.find(family, operation, operations)
        return np.array([setup.at(found), run.at(of_run)]).swapaxes(0, 1)

    def _level(self, asked: Questions) -> tuple[Floats, Floats]:
        """Return the work centre's level and its variance, over all centres that it may be."""
        maybe, count = asked.maybe, len(asked.operation)
        if maybe is None:
            return self.levels.of(asked.operation, asked.centre)
        level, variance = self.levels.of(asked.operation[maybe.question], maybe.centre)
        mean = sums_of(maybe.chance * level, maybe.question, count)
        around = maybe.chance * (variance + (level - mean.take(maybe.question, axis=1)) ** 2)
        return mean, sums_of(around, maybe.question, count)

    def ranged(self, expected: Expected, operation: Ints) -> tuple[Floats, Floats, Floats]:
        """Return minutes and the limits of their 80 % range."""
        limits = self.limits[:, _KINDS, expected.knowledge, operation]
        value, low, high = minutes_of(expected.log_minutes + limits * expected.deviation, self.offset)
        return value, np.minimum(low, value), np.maximum(high, value)


def _are_alike(setup: FamilyTotals, run: FamilyTotals) -> bool:
    return np.array_equal(setup.keys, run.keys) and np.array_equal(setup.families, run.families)


def _stacked(kinds: Sequence[Levels]) -> Levels:
    """Return the levels of several kinds of minutes, to be asked only: all but the keys with an axis for the kind."""
    keys = reduce(merged, [each.keys for each in kinds])
    level, variance, trust = (np.array(each) for each in zip(*(_among(keys, each) for each in kinds), strict=True))
    between = np.array([[each.between] for each in kinds])
    return replace(kinds[0], keys=keys, between=between, level=level, variance=variance, trust=trust)


def _among(keys: Ints, levels: Levels) -> tuple[Floats, Floats, Floats]:
    """Return level, variance and trust among more keys; those that are not known are answered as if not there."""
    where, followers = keys.searchsorted(levels.keys), levels.level.shape[1]
    level, trust = np.zeros((2, len(keys), followers), levels.level.dtype)
    unseen = np.where(keys >= 0, levels.between, 0.0).astype(levels.variance.dtype)
    variance = unseen.repeat(followers).reshape(-1, followers)
    trust[:, 0] = 1.0
    level[where], variance[where], trust[where] = levels.level, levels.variance, levels.trust
    return level, variance, trust
