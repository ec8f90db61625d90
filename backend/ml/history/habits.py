"""How fast habits age: the half-life of an order's say about its item's next one, in all and of each operation."""

from typing import Final

import numpy as np

from backend.ml.common.arrays import Floats, Ints, Ragged

HALF_LIVES: Final = (365.0, 1500.0, 120.0, 45.0, 15.0)
"""Days, the usual one first: another is taken only where it foresees more than chance would."""
_LOOK_BACK: Final = 8
_MAX_ORDERS: Final = 200_000
_MAX_STEPS: Final = 1_500_000
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


def fit_ageing(lot: Ints, item: Ints, variants: Ragged, step_operation: Ints, days: tuple[Floats, float]) -> Floats:
    """Return per operation how much faster its own habits age than the plant's: by so many half-lives a day.

    Where the plant begins to send an operation out, what its items did before tells little of their next lots, while
    all their other operations go on as before. `lot` is the variant of each lot, oldest first, `days` its age and the
    plant's half-life. An operation's ages faster only where its lots say so, items counting as one witness each.
    """
    age_days, usual = days
    operations = int(step_operation.max(initial=-1)) + 1
    kept = _telling(item, lot, variants.lengths()[lot])
    taken = variants.take(lot[kept])
    owner, step = kept[taken.row_of_values()], taken.values
    pair = item[owner].astype(np.int64) * operations + step_operation[step]
    order = np.argsort(pair, kind="stable")
    pair, step, age = pair[order], step[order], age_days[owner[order]]
    foreseen = _foresight(pair, step, age, usual)
    again = pair[1:][pair[1:] == pair[:-1]]
    witness, place = np.unique(again, return_inverse=True)
    speed, most = np.zeros(operations), np.zeros(operations)
    for half_life in (each for each in HALF_LIVES if each < usual):
        gain = np.bincount(place, weights=_foresight(pair, step, age, half_life) - foreseen, minlength=len(witness))
        total, squares = (np.bincount(witness % operations, each, minlength=operations) for each in (gain, gain**2))
        better = (total > most) & (total > _SIGNIFICANT * np.sqrt(squares) + _ROUNDING)
        speed[better], most[better] = 1 / half_life - 1 / usual, total[better]
    return speed


def _telling(item: Ints, lot: Ints, steps: Ints) -> Ints:
    """Return the lots of items that were made in more than one way: of so many items that their steps are not too many.

    All half-lives foresee alike what was always done in one way.
    """
    first = np.full(int(item.max()) + 1 if len(item) else 0, -1)
    first[item[::-1]] = lot[::-1]
    varied = np.zeros(len(first), dtype=bool)
    varied[item[lot != first[item]]] = True
    kept = np.flatnonzero(varied[item])
    share = -(-int(steps[kept].sum()) // _MAX_STEPS)
    return kept[item[kept] % share == 0] if share > 1 else kept


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
