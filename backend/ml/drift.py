"""A slowly moving level per operation and work centre: machines age, are replaced, learn."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from backend.ml.arrays import Floats, Ints

BUCKET_DAYS: Final = 30.0
MAX_BUCKETS: Final = 48
_INERTIAS: Final = (3.0, 10.0, 30.0, 100.0, 300.0)


@dataclass(frozen=True, slots=True)
class Levels:
    """The present level of log minutes per (operation, work centre); pairs never seen are at 0."""

    keys: Ints
    values: Floats
    centres: int

    def of(self, operation: Ints, centre: Ints) -> Floats:
        """Return the level for each pair; centre -1 stands for an unknown one."""
        if not len(self.keys):
            return np.zeros(len(operation))
        asked = operation.astype(np.int64) * self.centres + centre
        where = np.minimum(np.searchsorted(self.keys, asked), len(self.keys) - 1)
        return np.where((self.keys[where] == asked) & (centre >= 0), self.values[where], 0.0)

    def to_parts(self) -> dict[str, Any]:
        """Return plain arrays."""
        return {"keys": self.keys, "values": self.values, "centres": self.centres}


def fit_levels(
    operation: Ints, centre: Ints, age_days: Floats, residual: Floats, centres: int
) -> tuple[Levels, Floats, Floats]:
    """Follow the levels through time; also return the level at, and just before, each row's month.

    Each month's level is a mean of its rows and the last level, which counts as so many rows as
    predicted the following month best.
    """
    key = operation.astype(np.int64) * centres + centre
    keys, pair = np.unique(key, return_inverse=True)
    months = np.minimum(age_days / BUCKET_DAYS, MAX_BUCKETS - 1).astype(np.int64)
    bucket = months.max(initial=0) - months
    cell = pair * (int(bucket.max(initial=0)) + 1) + bucket
    shape = (len(keys), int(bucket.max(initial=0)) + 1)
    counts = np.bincount(cell, minlength=shape[0] * shape[1]).reshape(shape).astype(np.float64)
    sums = np.bincount(cell, weights=residual, minlength=shape[0] * shape[1]).reshape(shape)
    paths = [_follow(counts, sums, inertia) for inertia in _INERTIAS]
    best = min(paths, key=lambda path: _ahead_error(counts, sums, path))
    before = np.hstack([np.zeros((len(keys), 1)), best[:, :-1]])
    return Levels(keys, best[:, -1].copy(), centres), best[pair, bucket], before[pair, bucket]


def _follow(counts: Floats, sums: Floats, inertia: float) -> Floats:
    path = np.zeros_like(sums)
    level = np.zeros(len(sums))
    for month in range(sums.shape[1]):
        level = (sums[:, month] + inertia * level) / (counts[:, month] + inertia)
        path[:, month] = level
    return path


def _ahead_error(counts: Floats, sums: Floats, path: Floats) -> float:
    before = np.hstack([np.zeros((len(path), 1)), path[:, :-1]])
    means = sums / np.maximum(counts, 1)
    return float((counts * (means - before) ** 2).sum())
