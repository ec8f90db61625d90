"""Outliers pulled in, group by group: what is far from a group's median by the group's own spread."""

from typing import Final

import numpy as np

from backend.ml.common.arrays import Floats, Ints

_CLIP_DEVIATIONS: Final = 3.0
_POOLED_ROWS: Final = 10.0
"""Rows of the whole that a group's own spread is mixed with."""
_FLOOR: Final = 1e-6


def pulled_in(values: Floats, around: Floats, group: Ints) -> Floats:
    """Return values no farther from `around` than three deviations of their group's distances from it.

    Where most of a group are equal, its few others are pulled in to them: they would be a mean that is right for
    none.
    """
    away = values - around
    middle = medians(away, group)
    distance = np.abs(away - middle[group])
    own = medians(distance, group)
    share = np.bincount(group) / (np.bincount(group) + _POOLED_ROWS)
    spread = 1.4826 * (share * own + (1 - share) * float(np.median(distance))) if len(values) else own
    limit = np.maximum(_CLIP_DEVIATIONS * spread, _FLOOR)[group]
    return np.asarray(around + away.clip(-limit, limit))


def medians(values: Floats, group: Ints) -> Floats:
    """Return the median per group number up to the largest, 0 where a group has no values."""
    found = np.zeros(int(group.max(initial=-1)) + 1)
    order = np.argsort(group, kind="stable")
    names, first = np.unique(group[order], return_index=True)
    for name, part in zip(names.tolist(), np.split(values[order], first[1:]), strict=False):
        found[name] = np.median(part)
    return found
