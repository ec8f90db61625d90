"""How long things take where some are not over yet: those seen to end are too often the short ones."""

from typing import Final

import numpy as np

from backend.ml.common.arrays import Flags, Floats, Ints

_LEAST_SHARE: Final = 0.1
"""One that hardly any other was watched for so long as does not stand for more than ten."""


def ending_quantile(days: Floats, is_over: Flags, share: float) -> float:
    """Return when so large a share of what ever ends has ended; what is not over lasts `days` so far.

    By Kaplan and Meier. What nobody will ever end leaves the estimate at a share below one, which counts as all.
    """
    times, place = np.unique(days, return_inverse=True)
    ended = np.bincount(place, weights=is_over)
    at_risk = days.size - np.concatenate(([0], np.cumsum(np.bincount(place))[:-1]))
    over = 1 - np.cumprod(1 - ended / at_risk)
    return float(times[np.searchsorted(over, share * over[-1] - 1e-12)])


def ending_weights(group: Ints, days: Floats, watched: Floats, is_over: Flags) -> Floats:
    """Return what each entry that is over counts for, so that long ones count as often as they begin; others 0.

    `watched` is for how many days each was looked at since it began. What took d days stands for itself and for
    those of its group that were watched for less: it counts as one over the share that was watched for d days.
    """
    moments = np.unique(np.concatenate([days, watched]))
    base = group.astype(np.int64) * (len(moments) + 1)
    known = np.sort(base + np.searchsorted(moments, watched))
    end = np.searchsorted(known, base + len(moments))
    share = (end - np.searchsorted(known, base + np.searchsorted(moments, days))) / (end - np.searchsorted(known, base))
    return np.where(is_over, 1 / np.maximum(share, _LEAST_SHARE), 0.0)
