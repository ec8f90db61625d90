"""What differs between lots of one item and operation: practice, and the size of the lot."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from backend.ml.arrays import Floats, Ints

_SWEEPS: Final = 6
_STEEPEST: Final = 0.32
"""Wright's steepest usual learning curve: a fifth less time with every doubling of the lots."""


@dataclass(frozen=True, slots=True)
class LotEffects:
    """Slopes of log minutes: over log(1 + earlier lots) and over the log of the quantity."""

    practice: float
    quantity: float

    def of(self, earlier: Ints, log_quantity: Floats) -> Floats:
        """Return the effect for each lot; a quantity that is not known has none."""
        return np.asarray(
            self.practice * np.log1p(earlier) + self.quantity * np.where(np.isnan(log_quantity), 0.0, log_quantity)
        )

    def to_parts(self) -> dict[str, Any]:
        """Return plain numbers."""
        return {"practice": self.practice, "quantity": self.quantity}


NO_EFFECTS = LotEffects(0.0, 0.0)


def fit_lot_effects(pair: Ints, period: Ints, earlier: Ints, log_quantity: Floats, residual: Floats) -> LotEffects:
    """Fit the slopes inside (item, operation) pairs and inside periods, so that nothing between them enters.

    A slope is pulled towards 0 by its own error.
    """
    columns = [np.log1p(earlier), np.nan_to_num(log_quantity), residual]
    first, second, target = (_inside(column, pair, period) for column in columns)
    inner = np.column_stack([first, second])
    freedom = len(residual) - int(pair.max(initial=0)) - int(period.max(initial=0)) - 4
    if freedom < 1:
        return NO_EFFECTS
    inverse = np.linalg.pinv(inner.T @ inner)
    slope = inverse @ (inner.T @ target)
    error = np.diag(inverse) * float(((target - inner @ slope) ** 2).sum()) / freedom
    kept = slope * np.maximum(1 - error / np.maximum(slope**2, 1e-12), 0.0)
    return LotEffects(float(np.clip(kept[0], -_STEEPEST, _STEEPEST)), float(kept[1]))


def _inside(values: Floats, pair: Ints, period: Ints) -> Floats:
    """Return what is left of values when the means of pairs and of periods are taken out in turn."""
    left = values.astype(np.float64)
    for _ in range(_SWEEPS):
        for group in (period, pair):
            left = left - (np.bincount(group, weights=left) / np.maximum(np.bincount(group), 1))[group]
    return np.asarray(left)
