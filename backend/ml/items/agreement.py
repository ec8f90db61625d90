"""How much a value that two items share tells about their routing."""

from typing import Final

import numpy as np

from backend.ml.common.arrays import Ints

_PRIOR_PAIRS: Final = 50.0


def agreement(codes: Ints, labels: Ints) -> float:
    """Return how far sharing a code raises the chance of sharing a label: 0 nothing, 1 all of it.

    Pairs of different items are counted, so a code that nearly every item has to itself says
    nothing, however many values there are. Few pairs are pulled towards no effect.

    >>> round(agreement(np.repeat([0, 1], 50), np.repeat([7, 8], 50)), 2)
    0.99
    """
    by_code = _same_pairs(codes)
    if not by_code:
        return 0.0
    chance = _same_pairs(labels) / max(len(labels) * (len(labels) - 1.0), 1.0)
    both = _same_pairs(codes.astype(np.int64) * (int(labels.max()) + 1) + labels)
    share = (both + _PRIOR_PAIRS * chance) / (by_code + _PRIOR_PAIRS)
    return float(max(0.0, (share - chance) / max(1.0 - chance, 1e-9)))


def _same_pairs(codes: Ints) -> float:
    counts = np.unique(codes, return_counts=True)[1].astype(np.float64)
    return float((counts * (counts - 1)).sum())
