"""The variant that stands for an item: the one on whose steps its lots and its valid ERP routing agree most."""

from typing import Final

import numpy as np

from backend.ml.common.arrays import Floats, Ints, Ragged
from backend.ml.history.routing_book import RoutingBook

_TRUSTED: Final = 1.5
_DOUBTED: Final = 0.5
"""Recent lots that an ERP routing counts as, on plants where lots follow it and where they do not."""


def standard_weight(item: Ints, variant: Ints, standard: Ints) -> float:
    """Return how many recent lots an ERP routing counts as.

    `item` and `variant` are lots, oldest first, `standard` is the valid ERP variant per item (-1: none). It is
    trusted where lots equal it at least as often as they equal the item's lot before.
    """
    order = np.argsort(item, kind="stable")
    item, variant = item[order], variant[order]
    again = np.flatnonzero((item[1:] == item[:-1]) & (standard[item[1:]] >= 0)) + 1
    as_planned = int((variant[again] == standard[item[again]]).sum())
    return _TRUSTED if as_planned >= int((variant[again] == variant[again - 1]).sum()) else _DOUBTED


def usual_variants(book: RoutingBook, run: Ragged, weights: Floats, standard: Ints, trust: float) -> Ints:
    """Return the variant that stands for each item, -1 for none.

    `run` are variants run per item with weights, `standard` the valid ERP variant, which counts as `trust`. Of
    these the one wins whose steps have most votes beyond half of all: a forgotten booking is outvoted.
    """
    ruled = np.flatnonzero(standard >= 0)
    item = np.concatenate([run.row_of_values(), ruled])
    variant = np.concatenate([run.values, standard[ruled]]).astype(np.int64)
    votes = np.concatenate([weights, np.full(len(ruled), trust)]).astype(np.float64)
    steps = book.variants.take(variant)
    candidate = steps.row_of_values()
    key = item[candidate] * max(len(book.step_operation), 1) + steps.values
    _, place = np.unique(key, return_inverse=True)
    of_step = np.bincount(place, weights=votes[candidate])[place] if len(place) else np.zeros(0)
    half = np.bincount(item, weights=votes, minlength=len(standard)) / 2
    surplus = np.bincount(candidate, weights=of_step - half[item[candidate]], minlength=len(variant))
    order = np.lexsort((variant, -votes, -np.round(surplus, 6), item))
    first = order[np.flatnonzero(np.diff(item[order], prepend=-1))]
    usual = np.full(len(standard), -1, dtype=np.int32)
    usual[item[first]] = variant[first]
    return usual
