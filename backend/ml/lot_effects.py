"""What practice does: lots of one item and operation become quicker, or slower, one after another."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from backend.ml.arrays import Floats, Ints

_SWEEPS: Final = 6
_STEEPEST: Final = 0.32
"""Wright's steepest usual learning curve: a fifth less time with every doubling of the lots."""


@dataclass(frozen=True, slots=True)
class LotEffects:
    """The slope of log minutes over log(1 + earlier lots)."""

    practice: float

    def of(self, earlier: Ints) -> Floats:
        """Return the effect for each lot."""
        return np.asarray(self.practice * np.log1p(earlier))

    def to_parts(self) -> dict[str, Any]:
        """Return plain numbers."""
        return {"practice": self.practice}


NO_EFFECTS = LotEffects(0.0)


def fit_lot_effects(pair: Ints, period: Ints, earlier: Ints, residual: Floats) -> LotEffects:
    """Fit the slope inside (item, operation) pairs and inside periods, so that nothing between them enters.

    It is pulled towards 0 by its own error.
    """
    inner, target = (_inside(column, pair, period) for column in (np.log1p(earlier), residual))
    freedom = len(residual) - int(pair.max(initial=0)) - int(period.max(initial=0)) - 3
    spread = float(inner @ inner)
    if freedom < 1 or spread <= 0:
        return NO_EFFECTS
    slope = float(inner @ target) / spread
    error = float(((target - inner * slope) ** 2).sum()) / freedom / spread
    kept = slope * max(1 - error / max(slope**2, 1e-12), 0.0)
    return LotEffects(float(np.clip(kept, -_STEEPEST, _STEEPEST)))


def _inside(values: Floats, pair: Ints, period: Ints) -> Floats:
    """Return what is left of values when the means of pairs and of periods are taken out in turn."""
    left = values.astype(np.float64)
    for _ in range(_SWEEPS):
        for group in (period, pair):
            left = left - (np.bincount(group, weights=left) / np.maximum(np.bincount(group), 1))[group]
    return np.asarray(left)
