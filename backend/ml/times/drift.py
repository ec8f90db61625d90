"""A moving level per operation and work centre: machines age, are replaced, learn.

Above them move one level of each operation and one of the whole plant. A pair sees a few lots a week; what happens to
all of them at once is known after a day.
"""

from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, Final, TypeAlias

import numpy as np

from backend.ml.common.arrays import Floats, Ints, places_among

BUCKET_DAYS: Final = 7.0
MAX_BUCKETS: Final = 160
_SPEEDS: Final = (0.0, 0.003, 0.03, 0.3)
"""How fast each follower believes a level to wander: variance per bucket over the variance of a lot."""
_TRUST: Final = (0.7, 0.2, 0.08, 0.02)
"""How far each follower is believed before anything was seen."""
_STANDING: Final = (1.0, 0.0, 0.0, 0.0)
_CONVINCING: Final = 10.0
"""Twice the log odds by which moving levels must do better: 150 to 1."""
_SWITCHING: Final = 0.05
"""Share of the belief that is dealt out anew with each bucket, so that a level may begin to move at any time."""
_FLOOR: Final = 1e-6
_VOICES: Final = 4.0
"""Rows that all of a pair count for at most above it: it may have moved alone."""
_PLANT: Final = -1
"""Key of the plant's level; keys of operations' levels are below it, those of pairs above."""
_NOWHERE: Final = np.iinfo(np.int64).max
"""Key of pairs whose work centre is not known: never seen."""


@dataclass(frozen=True)
class Levels:
    """The moving levels of log minutes per (operation, work centre); pairs never seen are at 0.

    A fit gives pairs all there is to know; the levels above them move with what is told later.

    Several followers (Kalman filters of a random walk) run side by side; each pair listens to those
    that predicted its last rows best. The last three have one row per key and one column per follower.
    """

    keys: Ints
    centres: int
    noise: float
    """Variance of a row around its level."""
    between: float | Floats
    """Variance between levels, so that of the level of a pair never seen (see both_kinds for arrays of it)."""
    level: Floats
    variance: Floats
    trust: Floats

    def of(self, operation: Ints, centre: Ints) -> tuple[Floats, Floats]:
        """Return level and variance for each pair; centre -1 stands for an unknown one."""
        level, variance = self._at(self._own(operation, centre))
        if len(self.keys) and self.keys[0] < 0:  # some have moved since the fit
            for keys in self._above(operation):
                more, unsure = self._at(keys)
                level, variance = level + more, variance + unsure
        return level, variance

    def _own(self, operation: Ints, centre: Ints) -> Ints:
        """Return the key of each pair's own level."""
        return np.where(centre >= 0, operation.astype(np.int64) * self.centres + centre, _NOWHERE)

    @staticmethod
    def _above(operation: Ints) -> tuple[Ints, Ints]:
        """Return the keys of the levels above each pair's own: the plant's, its operation's."""
        return np.full(len(operation), _PLANT), _PLANT - 1 - operation.astype(np.int64)

    def _at(self, keys: Ints) -> tuple[Floats, Floats]:
        """Return level and variance at keys; of what was never seen 0, and for pairs how much they differ."""
        unseen = np.where(keys >= 0, self.between, 0.0)
        if not len(self.keys):
            return np.zeros_like(unseen), unseen
        where, found = places_among(self.keys, keys)
        mean, variance = (each.take(where, axis=-1, mode="clip") for each in self._followed)
        return np.where(found, mean, 0.0), np.where(found, variance, unseen)

    @cached_property
    def _followed(self) -> tuple[Floats, Floats]:
        """Mean and variance of what the followers of each key say."""
        return _mixed(self.level, self.variance, self.trust)

    def passed(self, days: float) -> "Levels":
        """Return the levels so many days later, with nothing new seen: only less sure."""
        wandered = self.variance + np.array(_SPEEDS) * self.noise * days / BUCKET_DAYS
        return replace(self, variance=wandered)

    def told(self, pair: tuple[Ints, Ints], residual: Floats, unsure: Floats, days: float) -> "Levels":
        """Return the levels after rows of so many days, of (operation, centre) pairs.

        `residual` is what is left beside the levels, `unsure` its variance. The plant's level is told first and takes
        what all rows have in common, then the operations', then the pairs'.
        """
        if not len(residual):
            return self
        (plant, operation), own = self._above(pair[0]), self._own(*pair)
        levels = self._told_beside(plant, (operation, own), (residual, unsure), days)
        levels = levels._told_beside(operation, (plant, own), (residual, unsure), days)
        return levels._told_beside(own, (plant, operation), (residual, unsure), days)

    def _told_beside(
        self, asked: Ints, others: tuple[Ints, Ints], rows: tuple[Floats, Floats], days: float
    ) -> "Levels":
        """Return the levels after the levels at `asked` were told what the two others leave of the rows."""
        (level, wandering), (more, unsure) = (self._at(keys) for keys in others)
        weight = np.minimum(self.noise / (rows[1] + wandering + unsure), 1.0)
        if asked[0] < 0:
            weight = weight * _voices(others[1], weight)
        return self._told_at(asked, rows[0] - level - more, weight, days)

    def _told_at(self, asked: Ints, residual: Floats, weight: Floats, days: float) -> "Levels":
        """Return the levels after rows for one key each."""
        levels = self._with_keys(np.union1d(self.keys, asked))
        cell = np.searchsorted(levels.keys, asked)
        count = np.bincount(cell, weights=weight, minlength=len(levels.keys))[:, None]
        total = np.bincount(cell, weights=weight * residual, minlength=len(levels.keys))[:, None]
        switching = 1 - (1 - _SWITCHING) ** (days / BUCKET_DAYS)
        state = _told((levels.level, levels.variance, levels.trust), count, total, self.noise, switching)
        return replace(levels, level=state[0], variance=state[1], trust=state[2])

    def _with_keys(self, keys: Ints) -> "Levels":
        """Return the same levels with room for new keys, which nothing is known about."""
        where = np.searchsorted(keys, self.keys)
        shape = (len(keys), len(_SPEEDS))
        level, variance, trust = np.zeros(shape), np.full(shape, self.between), np.tile(_TRUST, (len(keys), 1))
        variance[keys < 0] = np.array(_SPEEDS) * self.noise  # as far as they wander in a bucket
        level[where], variance[where], trust[where] = self.level, self.variance, self.trust
        return replace(self, keys=keys, level=level, variance=variance, trust=trust)

    def to_parts(self) -> dict[str, Any]:
        """Return plain arrays."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True, slots=True)
class Followed:
    """Levels of now, and per row the level of its bucket and the one expected just before it, with its variance."""

    levels: Levels
    during: Floats
    before: Floats
    before_variance: Floats


def _voices(pair: Ints, weight: Floats) -> Floats:
    """Return how much of each row's weight speaks for what pairs have in common: those of one pair are few."""
    _, where = np.unique(pair, return_inverse=True)
    return np.asarray(1 / (1 + np.bincount(where, weights=weight)[where] / _VOICES))


def no_levels(centres: int) -> Levels:
    """Return levels that are all 0."""
    none = np.zeros((0, len(_SPEEDS)))
    return Levels(np.zeros(0, np.int64), centres, 1.0, 0.0, none, none, none)


def fit_levels(
    where: tuple[Ints, Ints], age_days: Floats, residual: Floats, centres: int, least_noise: float = 0.0
) -> Followed:
    """Follow the levels of (operation, centre) through time, bucket by bucket from the oldest.

    `least_noise` is what a row is known to vary by, though residuals of fitted rows show less.
    """
    if not len(residual):
        nothing = np.zeros(0)
        return Followed(no_levels(centres), nothing, nothing, nothing)
    keys, pair = np.unique(where[0].astype(np.int64) * centres + where[1], return_inverse=True)
    back = np.minimum(age_days / BUCKET_DAYS, MAX_BUCKETS - 1).astype(np.int64)
    buckets = int(back.max()) + 1
    cell = pair * buckets + (buckets - 1 - back)
    shape = (len(keys), buckets)
    counts = np.bincount(cell, minlength=shape[0] * buckets).astype(np.float64).reshape(shape)
    sums = np.bincount(cell, weights=residual, minlength=shape[0] * buckets).reshape(shape)
    noise, between = _variances(counts, sums, float((residual**2).sum()), least_noise)
    seen = _Seen(counts, sums, noise)
    path = _follow(seen, between, _TRUST)
    standing = _follow(seen, between, _STANDING)
    if not _foresees_more(path, standing, seen):
        path = standing
    during, before, unsure = (each.ravel()[cell] for each in (path.during, path.before, path.unsure))
    return Followed(Levels(keys, centres, noise, between, *path.last), during, before, unsure)


def _variances(counts: Floats, sums: Floats, squares: float, least: float) -> tuple[float, float]:
    """Return the variance of a row around its bucket's mean and the one between the levels."""
    rows, total = counts.sum(axis=1), sums.sum(axis=1)
    filled = counts > 0
    inside = squares - float((sums[filled] ** 2 / counts[filled]).sum())
    noise = max(inside / max(float(rows.sum() - filled.sum()), 1.0), least, _FLOOR)
    between = float((total**2 / rows).sum() - noise * len(rows)) / max(float(rows.sum()), 1.0)
    return noise, max(between, 0.01 * noise)


@dataclass(frozen=True, slots=True)
class _Seen:
    """Number and sum of rows per key and bucket, oldest bucket first, and the variance of a row."""

    counts: Floats
    sums: Floats
    noise: float


_State: TypeAlias = tuple[Floats, Floats, Floats]
"""Level, variance and trust of each key's followers."""


@dataclass(frozen=True, slots=True)
class _Path:
    """Levels during and before each bucket, the variance before each, and the followers' last state."""

    during: Floats
    before: Floats
    unsure: Floats
    last: _State


def _follow(seen: _Seen, between: float, trust: tuple[float, ...]) -> _Path:
    """Follow all keys, believing the followers so far at first."""
    keys, buckets = seen.counts.shape
    wander = np.array(_SPEEDS) * seen.noise
    shape = (keys, len(wander))
    state = (np.zeros(shape), np.full(shape, between), np.tile(trust, (keys, 1)))
    during, before, unsure = (np.zeros((keys, buckets)) for _ in range(3))
    for bucket in range(buckets):
        state = (state[0], state[1] + wander, state[2])
        before[:, bucket], unsure[:, bucket] = _mixed(*state)
        told = seen.counts[:, bucket, None], seen.sums[:, bucket, None]
        state = _told(state, *told, seen.noise, _SWITCHING if trust == _TRUST else 0.0)
        during[:, bucket], _ = _mixed(*state)
    if trust == _STANDING:  # all stand where the first one does: from now on any of them may be right
        state = (
            np.repeat(state[0][:, :1], len(wander), axis=1),
            np.repeat(state[1][:, :1], len(wander), axis=1),
            np.tile(_TRUST, (keys, 1)),
        )
    return _Path(during, before, unsure, state)


def _foresees_more(path: _Path, standing: _Path, seen: _Seen) -> bool:
    """Tell whether moving levels foresee the means of buckets better than standing ones by more than luck would."""
    filled = seen.counts > 0
    rows = seen.counts[filled]
    mean, usual = seen.sums[filled] / rows, standing.unsure[filled] + seen.noise / rows
    moving, still = ((mean - each.before[filled]) ** 2 / usual for each in (path, standing))
    return float((still - moving).sum()) > _CONVINCING * max(float(still.mean()), 1.0)


def _surprise(error: Floats, variance: Floats) -> Floats:
    return np.asarray(np.log(variance) + error**2 / variance)


def _told(state: _State, count: Floats, total: Floats, noise: float, switching: float) -> _State:
    """Return the followers' state after a bucket with `count` rows that sum up to `total` per key."""
    level, variance, trust = state
    seen = count > 0
    rows = np.where(seen, count, 1.0)
    spread = variance + noise / rows
    error = np.where(seen, total / rows - level, 0.0)
    surprise = np.where(trust > 0, _surprise(error, spread), np.inf)  # who is not believed is no measure for others
    believed = trust * np.exp(0.5 * (surprise.min(axis=1, keepdims=True) - surprise))
    believed /= believed.sum(axis=1, keepdims=True)
    trust = np.where(seen, (1 - switching) * believed + switching * np.array(_TRUST), trust)
    gain = np.where(seen, variance / spread, 0.0)
    return level + gain * error, variance * (1 - gain), trust


def _mixed(level: Floats, variance: Floats, trust: Floats) -> tuple[Floats, Floats]:
    """Return mean and variance of what the followers say, each as far as it is believed."""
    mean = (trust * level).sum(axis=-1)
    return mean, (trust * (variance + (level - mean[..., None]) ** 2)).sum(axis=-1)
