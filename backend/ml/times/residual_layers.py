"""The layers over the trees: levels through time, lot effects, and the variances of items and families."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from backend.ml.common.arrays import Floats, Ints, numbered_runs
from backend.ml.history.pair_history import NOTHING, SETUP, KindMeans, PairHistory, join_pairs
from backend.ml.times.circles import family_totals, known_of
from backend.ml.times.drift import Followed, fit_levels
from backend.ml.times.lot_effects import LotEffects, fit_lot_effects
from backend.ml.times.shrinkage import Components, PairMeans, best_guess, estimate_components
from backend.ml.times.standard_claims import NO_STANDARDS, StandardLots
from backend.ml.times.visits import VisitRows, Visits

OUTLIER_DEVIATIONS: Final = 3.0
_DOUBTED: Final = 2.5
_IGNORED: Final = 5.0
"""Deviations from which a lot is believed less than others of its item, and from which not at all (Hampel)."""
_PASSES: Final = 2
_PERIOD_DAYS: Final = 30.0
HALF_LIFE_DAYS: Final = 365.0
_LIKENESS: Final = 0.5
"""Correlation of lots of one item and operation: how little each further one adds."""
_CHUNK: Final = 100_000


@dataclass(frozen=True, slots=True)
class LayerRows:
    """Lots with one kind of minutes, ordered by item, operation and time (oldest first)."""

    item: Ints
    family: Ints
    operation: Ints
    centre: Ints
    age_days: Floats
    operations: int
    centres: int
    visits: VisitRows | None = None
    """None where no operation returns."""

    def pairs(self) -> tuple[Ints, Ints]:
        """Return where the rows of each (item, operation) begin, and how many there are."""
        if not len(self.item):
            return np.zeros(0, np.int64), np.zeros(0, np.int64)
        changed = (self.item[1:] != self.item[:-1]) | (self.operation[1:] != self.operation[:-1])
        first = np.flatnonzero(np.r_[True, changed])
        return first, np.diff(np.r_[first, len(self.item)])

    def pair(self) -> Ints:
        """Return a number per row that the rows of one item and operation share, from 0."""
        _, count = self.pairs()
        return np.repeat(np.arange(len(count)), count)

    def weights(self) -> Floats:
        """Return how much each row says of its item and operation: newer ones more, each of many less."""
        _, count = self.pairs()
        likeness = 1 / (1 + _LIKENESS * (np.repeat(count, count) - 1))
        return np.asarray(likeness * 0.5 ** (self.age_days / HALF_LIFE_DAYS))

    def earlier(self) -> Ints:
        """Return how many lots of the item and operation came before each."""
        first, count = self.pairs()
        return np.asarray(np.arange(len(self.item)) - np.repeat(first, count))


@dataclass(frozen=True, slots=True)
class Layers:
    """What was found, and what is left of each row: its residual with outliers pulled in."""

    followed: Followed
    lot_effects: LotEffects
    components: Components
    residual: Floats
    visits: Visits | None = None
    visit_residual: Floats | None = None
    """The same before what is known of visits was taken out."""


def fit_layers(rows: LayerRows, raw: Floats) -> Layers:
    """Fit all layers to what the trees left; levels and items take turns on what the other leaves."""
    earlier, pair = rows.earlier(), rows.pair()
    period = (rows.age_days / _PERIOD_DAYS).astype(np.int64)
    level, moved, effect = np.zeros(len(raw)), np.zeros(len(raw)), np.zeros(len(raw))
    least_noise = 0.0
    spread = np.full(len(raw), _robust_deviation(raw))
    for number in range(_PASSES):
        clipped = moved + effect + level + _clipped(raw - moved - effect - level, spread)
        effects = fit_lot_effects(pair, (rows.operation, period), earlier, clipped - moved)
        effect = effects.of(earlier)
        followed = fit_levels(
            (rows.operation, rows.centre), rows.age_days, clipped - effect - level, rows.centres, least_noise
        )
        moved = followed.during
        away = raw - moved - effect - level
        left = level + (_believed(away, spread, pair) if number else _clipped(away, spread))
        visits, shift = _visits(rows, left)
        components = estimate_components(_pair_means(rows, left - shift), rows.operations)
        levels, unsure = _pair_levels(rows, left - shift, components)
        level = levels[pair] + shift
        spread = np.sqrt(components.lot[rows.operation])
        least_noise = float((components.lot[rows.operation] + unsure[pair]).mean()) if len(raw) else 0.0
    left = level + _believed(raw - moved - effect - level, spread, pair)
    if visits is None:
        return Layers(followed, effects, components, left)
    visits, shift = _visits(rows, left, visits)
    return Layers(followed, effects, components, left - shift, visits, left)


def _visits(rows: LayerRows, left: Floats, like: Visits | None = None) -> tuple[Visits | None, Floats]:
    """Return what visits take beside each other, and by how much each row's differs."""
    if rows.visits is None:
        return None, np.zeros(len(left))
    found = Visits.of(rows.visits, left, rows.operations, like)
    return found, found.at(rows.visits).shift


def _clipped(values: Floats, deviation: Floats) -> Floats:
    return values.clip(-OUTLIER_DEVIATIONS * deviation, OUTLIER_DEVIATIONS * deviation)


def _believed(values: Floats, deviation: Floats, pair: Ints) -> Floats:
    """Return values of lots with outliers drawn to 0; where most of a pair's lots are far, they are only clipped."""
    far = np.abs(values) / deviation
    share = (_IGNORED - far).clip(0, _IGNORED - _DOUBTED) / (_IGNORED - _DOUBTED)
    alone = 2 * np.bincount(pair, weights=far > _DOUBTED) > np.bincount(pair)
    drawn = np.sign(values) * np.minimum(far, _DOUBTED) * share * deviation
    return np.where(alone[pair], _clipped(values, deviation), drawn)


def kind_history(
    kind: int, rows: LayerRows, residual: Floats, used: Ints, standards: StandardLots = NO_STANDARDS
) -> PairHistory:
    """Return lots and means per pair of some rows (sorted), for one kind of minutes."""
    key = rows.item[used].astype(np.int64) * rows.operations + rows.operation[used]
    keys, member, count = numbered_runs(key)
    mean = np.bincount(member, weights=residual[used], minlength=len(keys)) / np.maximum(count, 1)
    filled = KindMeans(keys, mean, count, np.zeros(len(keys), np.uint8))
    filled = filled.with_standards(standards.keys, standards.told, standards.lots)
    return join_pairs((filled, NOTHING) if kind == SETUP else (NOTHING, filled), rows.operations)


def _robust_deviation(values: Floats) -> float:
    if not len(values):
        return 1.0
    return max(1.4826 * float(np.median(np.abs(values - np.median(values)))), 1e-3)


def _pair_means(rows: LayerRows, residual: Floats) -> PairMeans:
    first, count = rows.pairs()
    mean = np.add.reduceat(residual, first) / count if len(first) else np.zeros(0)
    within = np.add.reduceat((residual - np.repeat(mean, count)) ** 2, first) if len(first) else np.zeros(0)
    item, family = rows.item[first].astype(np.int64), rows.family[first].astype(np.int64)
    alone = int(family.max(initial=-1)) + 1 + item
    return PairMeans(item, rows.operation[first], np.where(family >= 0, family, alone), count, mean, within)


def _pair_levels(rows: LayerRows, residual: Floats, components: Components) -> tuple[Floats, Floats]:
    """Return the best guess of each pair's level from all that is known of it, and its variance."""
    first, _ = rows.pairs()
    history = kind_history(0, rows, residual, np.arange(len(residual)))
    family_of = np.full(int(rows.item.max(initial=0)) + 1, -1, dtype=np.int64)
    family_of[rows.item[first]] = rows.family[first]
    totals = family_totals(history, 0, family_of, components)
    levels, unsure = np.zeros(len(first)), np.zeros(len(first))
    for begin in range(0, len(first), _CHUNK):
        part = first[begin : begin + _CHUNK]
        operation = rows.operation[part]
        known = known_of(history, 0, totals, components, (rows.item[part], rows.family[part], operation))
        part_levels = best_guess(components, operation, known)
        levels[begin : begin + _CHUNK], unsure[begin : begin + _CHUNK] = part_levels
    return levels, unsure
