"""Rehearsal: the newest lots expected from what was known before them, at each state of knowledge."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np

from backend.ml.common.arrays import Floats, Ints
from backend.ml.history.pair_history import PairHistory
from backend.ml.times.circles import family_totals, known_of
from backend.ml.times.shrinkage import Known
from backend.ml.times.standard_claims import StandardLots
from backend.ml.times.target_fit import TargetFit, weighed
from backend.ml.times.time_target import NeighbourPrior
from backend.ml.times.visits import VisitShifts

MAX_ROWS: Final = 100_000
_SHARE: Final = 0.15
_WINDOWS: Final = 3

NeighbourMeans = Callable[[PairHistory, Ints, Ints, int], Floats]
"""(pair history, item, operation, kind) -> shrunk mean of the neighbours' residuals per pair."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """One entry per rehearsed question: its time row, what was expected just before the lot, in log minutes."""

    rows: Ints
    hidden: Ints
    """0: asked as it is, 1: as a new item, 2: as a new item of a new family."""
    expected: Floats
    deviation: Floats
    actual: Floats
    knowledge: Ints

    def keys(self) -> Ints:
        """Return a number per entry that is the same for both kinds of minutes."""
        return np.asarray(self.rows * 3 + self.hidden)

    def take(self, chosen: Ints) -> "Ahead":
        """Return some of the entries."""
        return Ahead(*(getattr(self, name)[chosen] for name in _NAMES))


_NAMES: Final = ("rows", "hidden", "expected", "deviation", "actual", "knowledge")


def rehearse(fits: Sequence[TargetFit], after: Floats) -> list[Ahead]:
    """Expect the lots of each window (youngest age, oldest age) from the lots before it, per kind of minutes."""
    parts: list[list[Ahead]] = [[] for _ in fits]
    for youngest, oldest in pairwise(after.tolist()):
        before = [np.flatnonzero(fit.rows.age_days >= oldest) for fit in fits]
        for fit, worth, known, found in zip(fits, weighed(fits, before), before, parts, strict=True):
            age = fit.rows.age_days
            found.extend(_window(fit, worth, known, np.flatnonzero((age >= youngest) & (age < oldest))))
    return [_joined(each) for each in parts]


def rehearse_with_neighbours(fit: TargetFit, chosen: Ints, after: Floats, means: NeighbourMeans) -> Ahead:
    """Do the same for the lots of `chosen` items where neighbours take the family's place."""
    parts = []
    for youngest, oldest in pairwise(after.tolist()):
        age, rows, target = fit.rows.age_days, fit.rows, fit.target
        newest = np.flatnonzero((age >= youngest) & (age < oldest) & np.isin(rows.item, chosen))
        before = np.flatnonzero(age >= oldest)
        history = fit.history_of(before, fit.worth)
        item, operation = rows.item[newest], rows.operation[newest]
        prior = NeighbourPrior(means(history, item, operation, target.kind))
        lots, weight, mean = history.look_up(item, operation, target.kind)
        for hidden in (0, 1):
            seen = 1 - hidden
            guess = target.guess_by_neighbours(operation, prior, lots * seen, (weight * seen, mean))
            shifts = fit.visits_at(before[: len(before) * seen], newest)
            parts.append(_ahead(fit, newest, hidden, _of_visits(guess, shifts), lots * seen))
    return _joined(parts)


def windows(age_days: Floats) -> Floats:
    """Return ages that part the newest lots into windows, youngest first; few windows where there are many lots."""
    share = min(_SHARE, MAX_ROWS / max(len(age_days), 1))
    many = _WINDOWS if share == _SHARE else 1
    cuts = np.quantile(age_days, share * np.arange(1, many + 1)) if len(age_days) else np.zeros(0)
    return np.asarray(np.r_[-np.inf, cuts])


def _window(fit: TargetFit, worth: StandardLots, before: Ints, newest: Ints) -> list[Ahead]:
    target, rows = fit.target, fit.rows
    history = fit.history_of(before, worth)
    totals = family_totals(history, target.kind, fit.families, target.components)
    operation = rows.operation[newest]
    asked = (rows.item[newest], rows.family[newest], operation)
    known = known_of(history, target.kind, totals, target.components, asked)
    parts = []
    for hidden, each in enumerate((known, _as_new(known), _as_stranger(known))):
        shifts = fit.visits_at(before if hidden == 0 else before[:0], newest)
        parts.append(_ahead(fit, newest, hidden, _of_visits(target.guess(operation, each), shifts), each.lots))
    return parts


def _of_visits(guess: tuple[Floats, Floats, Ints], visits: VisitShifts | None) -> tuple[Floats, Floats, Ints]:
    """Return the guess of each row's visit, given that of its operation."""
    level, unsure, knowledge = guess
    return guess if visits is None else (level + visits.shift, unsure + visits.unsure, knowledge)


def _ahead(fit: TargetFit, newest: Ints, hidden: int, guess: tuple[Floats, Floats, Ints], lots: Ints) -> Ahead:
    rows, target, followed = fit.rows, fit.target, fit.layers.followed
    level, unsure, knowledge = guess
    effects = target.lot_effects.of(lots, np.full(len(newest), hidden > 0))
    expected = fit.start[newest] + followed.before[newest] + effects + level
    variance = target.components.lot[rows.operation[newest]] + unsure + followed.before_variance[newest]
    hiddens = np.full(len(newest), hidden)
    return Ahead(fit.used[newest], hiddens, expected, np.sqrt(variance), fit.actual[newest], knowledge)


def _as_new(known: Known) -> Known:
    return replace(known, lots=known.lots * 0, weight=known.weight * 0, item_noise=np.full(len(known.lots), np.inf))


def _as_stranger(known: Known) -> Known:
    nothing = np.full(len(known.lots), np.inf)
    return replace(_as_new(known), sister_noise=nothing, family_noise=nothing)


def _joined(parts: list[Ahead]) -> Ahead:
    return Ahead(*(np.concatenate([getattr(part, name) for part in parts]) for name in _NAMES))
