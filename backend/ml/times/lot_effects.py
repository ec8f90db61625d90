"""What practice does: lots of one item and operation become quicker one after another."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np

from backend.ml.common.arrays import Flags, Floats, Ints

_SWEEPS: Final = 6
_STEEPEST: Final = 0.32
"""Wright's steepest usual learning curve: a fifth less time with every doubling of the lots."""


_MOST_PRACTICE: Final = (4.0, 8.0, 16.0, 32.0, 1e9)
"""Lots after which nothing more is learnt; the plant's own lots choose."""
_NEWEST: Final = 0.1
_SAME: Final = 1e-9
"""Less is no difference between fits."""


@dataclass(frozen=True, slots=True)
class LotEffects:
    """The slope of log minutes over log(1 + earlier lots), up to so many lots."""

    practice: float | Floats
    most_lots: float | Floats
    usual: float | Floats
    """Mean log(1 + earlier lots) of the plant's newest lots: what is expected of an item that is not known."""

    @classmethod
    def stacked(cls, kinds: Sequence["LotEffects"]) -> "LotEffects":
        """Return the effects of several kinds of minutes, to be asked with a row of lots for each."""
        return cls(*(np.array([[getattr(each, field.name)] for each in kinds]) for field in fields(cls)))

    def of(self, earlier: Ints, unknown: Flags | None = None) -> Floats:
        """Return the effect for each lot; the usual practice's where the item is not known."""
        practised = np.log1p(np.minimum(earlier, self.most_lots))
        return np.asarray(self.practice * (practised if unknown is None else np.where(unknown, self.usual, practised)))

    def to_parts(self) -> dict[str, Any]:
        """Return plain numbers."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


NO_EFFECTS = LotEffects(0.0, _MOST_PRACTICE[-1], 0.0)


def fit_lot_effects(pair: Ints, when: tuple[Ints, Ints], earlier: Ints, residual: Floats) -> LotEffects:
    """Fit the slope inside (item, operation) pairs and inside each operation's periods, so that nothing between enters.

    It is pulled towards 0 by its own error, and never above: practice slows nobody down. Where lots took longer and
    longer, the record began with the short ones, whose start it holds, or the plant moved. `when` is operation and
    period; periods are numbered from the newest.
    """
    operation, period = when
    moment = period * (int(operation.max(initial=0)) + 1) + operation
    freedom = len(residual) - int(pair.max(initial=0)) - len(np.unique(moment)) - 2
    if freedom < 1:
        return NO_EFFECTS
    target = _inside(residual, pair, moment)
    best, least = NO_EFFECTS, np.inf
    for most in _MOST_PRACTICE:
        practised = np.log1p(np.minimum(earlier, most))
        inner = _inside(practised, pair, moment)
        spread = float(inner @ inner)
        slope = float(inner @ target) / spread if spread > 0 else 0.0
        left = float(((target - inner * slope) ** 2).sum())
        if spread > 0 and left < least * (1 - _SAME):
            kept = slope * max(1 - left / freedom / spread / max(slope**2, 1e-12), 0.0)
            usual = float(practised[period <= np.quantile(period, _NEWEST)].mean())
            best, least = LotEffects(float(np.clip(kept, -_STEEPEST, 0.0)), most, usual), left
    return best


def _inside(values: Floats, pair: Ints, moment: Ints) -> Floats:
    """Return what is left of values when the means of pairs and of moments are taken out in turn."""
    left = values.astype(np.float64)
    for _ in range(_SWEEPS):
        for group in (moment, pair):
            left = left - (np.bincount(group, weights=left) / np.maximum(np.bincount(group), 1))[group]
    return np.asarray(left)
