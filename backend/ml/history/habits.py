"""How fast a plant's habits age: the half-life of an order's say about its item's next one."""

from typing import Final

import numpy as np

from backend.ml.common.arrays import Floats, Ints

HALF_LIVES: Final = (365.0, 1500.0, 120.0, 45.0, 15.0)
"""Days, the usual one first: another is taken only where it foresees more than chance would."""
_LOOK_BACK: Final = 8
_MAX_ORDERS: Final = 200_000
_DOUBT: Final = 0.05
"""Chance given to what an item was never made by."""
_ROUNDING: Final = 1e-9
_SIGNIFICANT: Final = 3.0
"""Standard errors by which another half-life must do better than the usual one."""


def fit_half_life(item: Ints, sequence: Ints, age_days: Floats) -> float:
    """Return the half-life in days with which earlier orders foresee their item's next sequence best.

    Entries are finished orders, oldest first. Where nothing is made twice, or habits never change, all do
    equally well and the usual one is returned.

    >>> item, changed_at_half_time = np.repeat(np.arange(20), 8), np.tile([0, 0, 0, 0, 1, 1, 1, 1], 20)
    >>> age_days = np.tile(np.arange(800.0, 0.0, -100.0), 20)
    >>> fit_half_life(item, changed_at_half_time, age_days) < 365
    True
    >>> fit_half_life(item, np.zeros(160, int), age_days)
    365.0
    """
    item, sequence, age_days = (values[-_MAX_ORDERS:] for values in (item, sequence, age_days))
    order = np.argsort(item, kind="stable")
    item, sequence, age_days = item[order], sequence[order], age_days[order]
    usual = _foresight(item, sequence, age_days, HALF_LIVES[0])
    gains = {days: _foresight(item, sequence, age_days, days) - usual for days in HALF_LIVES[1:]}
    best, gain = max(gains.items(), key=lambda each: float(each[1].sum()))
    certain = len(gain) > 1 and gain.mean() > _SIGNIFICANT * gain.std() / np.sqrt(len(gain)) + _ROUNDING
    return best if certain else HALF_LIVES[0]


def _foresight(item: Ints, sequence: Ints, age_days: Floats, half_life: float) -> Floats:
    """Return the log share that each repeat order's sequence had among its item's orders before."""
    total, same = np.zeros(len(item)), np.zeros(len(item))
    for lag in range(1, min(_LOOK_BACK + 1, len(item))):
        earlier, newest = slice(0, len(item) - lag), slice(lag - 1, len(item) - 1)
        weight = np.where(item[earlier] == item[lag:], 0.5 ** ((age_days[earlier] - age_days[newest]) / half_life), 0.0)
        total[lag:] += weight
        same[lag:] += weight * (sequence[earlier] == sequence[lag:])
    repeated = total > 0
    return np.asarray(np.log(_DOUBT + (1 - _DOUBT) * same[repeated] / total[repeated]))
