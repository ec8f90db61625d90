"""80 % ranges by split conformal prediction: per operation where it has enough lots of its own."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from backend.ml.arrays import Floats, Ints

COVERAGE: Final = 0.8
MAX_ROWS: Final = 200_000
LEAST_ROWS: Final = 200
_UNCALIBRATED: Final = 1.4
"""Standard deviations on either side where there are too few lots to measure: a little over the normal's 1.28."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Lower and upper limit per operation, in standard deviations of the expected log minutes."""

    low: Floats
    high: Floats

    @classmethod
    def fit(cls, operation: Ints, score: Floats, operations: int) -> "Spread":
        """Read the limits off scores = (actual - expected) / deviation of lots that were not yet known."""
        low, high = _limits(score)
        spread = cls(np.full(operations, low), np.full(operations, high))
        for code in np.flatnonzero(np.bincount(operation, minlength=operations) >= LEAST_ROWS).tolist():
            spread.low[code], spread.high[code] = _limits(score[operation == code])
        return spread

    def to_parts(self) -> dict[str, Any]:
        """Return plain arrays."""
        return {"low": self.low, "high": self.high}


def newest(age_days: Floats, seed: int) -> Ints:
    """Return the numbers of the newest rows (at random among equals), at most MAX_ROWS."""
    if len(age_days) <= MAX_ROWS:
        return np.arange(len(age_days))
    tie = np.random.default_rng(seed).random(len(age_days))
    return np.sort(np.lexsort((tie, age_days))[:MAX_ROWS])


def _limits(score: Floats) -> tuple[float, float]:
    """Return the conformal quantiles, with the correction for finitely many scores."""
    count, tail = len(score), (1 - COVERAGE) / 2
    rank = int(np.ceil((count + 1) * (1 - tail)))
    if rank > count:
        return -_UNCALIBRATED, _UNCALIBRATED
    ordered = np.sort(score)
    return float(ordered[count - rank]), float(ordered[rank - 1])
