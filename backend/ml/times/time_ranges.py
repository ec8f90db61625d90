"""80 % ranges by split conformal prediction, per operation and by what a time rests on."""

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from backend.ml.common.arrays import Floats, Ints
from backend.ml.times.time_target import KNOWLEDGE

COVERAGE: Final = 0.8
_POOLED_ROWS: Final = 200
"""Scores of the whole that an operation's own are mixed with."""
STEP: Final = 0.005
"""Deviations that a limit moves for a lot outside; it then remembers about a thousand lots."""
MOST_LOTS_A_DAY: Final = 200
_UNCALIBRATED: Final = 1.4
"""Standard deviations on either side where there are too few lots to measure: a little over the normal's 1.28."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Lower and upper limit per (knowledge, operation), in standard deviations of the expected log minutes."""

    low: Floats
    high: Floats
    middle: Floats
    """The median, which keeps the expected minutes from being usually too short or too long."""

    @classmethod
    def fit(cls, operation: Ints, knowledge: Ints, score: Floats, operations: int) -> "Spread":
        """Read the limits off scores = (actual - expected) / deviation of lots that were not yet known.

        Where there are few scores, an operation's limits are drawn to those of the same knowledge,
        and these to the plant's.
        """
        limits = np.empty((3, KNOWLEDGE, operations))
        overall = _limits(score)
        for level in range(KNOWLEDGE):
            used = knowledge == level
            plant = _mixed(score[used], overall)
            order = np.flatnonzero(used)[np.argsort(operation[used], kind="stable")]
            bounds = np.searchsorted(operation[order], np.arange(operations + 1))
            for code, (begin, end) in enumerate(zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)):
                limits[:, level, code] = _mixed(score[order[begin:end]], plant)
        return cls(limits[0], limits[1], limits[2])

    def limits(self, at: tuple[Ints, Ints]) -> Floats:
        """Return the median and the limits at (knowledge, operation)."""
        return np.array([self.middle[at], self.low[at], self.high[at]])

    def told(self, at: tuple[Ints, Ints], score: Floats, day: Floats) -> "Spread":
        """Return limits moved by newer scores (NaN: none), day by day: out where too many miss, in where too few.

        The rule of adaptive conformal inference (Gibbs and Candès, 2021), one step per lot.
        """
        spread, known = replace(self, low=self.low.copy(), high=self.high.copy()), ~np.isnan(score)
        for one in np.unique(np.floor(day[known])).tolist():
            rows = np.flatnonzero(known & (np.floor(day) == one))
            cell = np.ravel_multi_index((at[0][rows], at[1][rows]), self.low.shape)
            lots = np.bincount(cell, minlength=self.low.size).reshape(self.low.shape)
            for limit, missed, sign in (
                (spread.low, score[rows] < spread.low.flat[cell], -1.0),
                (spread.high, score[rows] > spread.high.flat[cell], 1.0),
            ):
                misses = np.bincount(cell, weights=missed, minlength=self.low.size).reshape(self.low.shape)
                excess = misses - (1 - COVERAGE) / 2 * lots
                limit[...] += sign * STEP * excess * np.minimum(1.0, MOST_LOTS_A_DAY / np.maximum(lots, 1))
        return spread

    def to_parts(self) -> dict[str, Any]:
        """Return plain arrays."""
        return {"low": self.low, "high": self.high, "middle": self.middle}


def _mixed(score: Floats, pool: Floats) -> Floats:
    share = len(score) / (len(score) + _POOLED_ROWS)
    return np.asarray(share * _limits(score) + (1 - share) * pool)


def _limits(score: Floats) -> Floats:
    """Return the conformal quantiles, with the correction for finitely many scores, and the median."""
    count, tail = len(score), (1 - COVERAGE) / 2
    rank = int(np.ceil((count + 1) * (1 - tail)))
    if rank > count:
        return np.array([-_UNCALIBRATED, _UNCALIBRATED, 0.0])
    ordered = np.partition(score, [count - rank, rank - 1])
    return np.array([ordered[count - rank], ordered[rank - 1], np.median(score)])
