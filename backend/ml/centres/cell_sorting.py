"""Cutting cells further where families are usually made elsewhere on one side than on the other.

Families that stay within a cell tell nothing of it by pairs or habits: whatever a family does is its habit then.
"""

from itertools import pairwise
from typing import Final

import numpy as np

from backend.ml.centres.cell_growing import GrowingTree, HabitRows
from backend.ml.centres.cell_refining import LEAST_ROWS, MAX_CELLS, Cut, cuts, worth
from backend.ml.common.arrays import Flags, Ints

_LEAST_GAIN: Final = 6.0
"""In nats of likelihood of families that the cut was not chosen by, beyond one for each share that it adds."""


def cut_by_usual(tree: GrowingTree, rows: HabitRows, cell: Ints, rng: np.random.Generator) -> Ints:
    """Split cells as long as it pays and return the cell of each row; every row has a family.

    Cuts are chosen by half of the families and judged by the others: an attribute of many words fits by chance.
    """
    once = _one_per_family(cell, rows.family, rng)
    chooses = rng.random(len(once)) < 0.5
    bounds = cell[once].searchsorted(np.arange(len(tree.above) + 1)).tolist()
    waiting = [(number, np.arange(*span)) for number, span in enumerate(pairwise(bounds))]
    while waiting and len(tree.above) < MAX_CELLS:
        number, mine = waiting.pop()
        cut = _best(rows, once[mine[chooses[mine]]], once[mine[~chooses[mine]]])
        if cut is None:
            continue
        right = cut.right[rows.numbers[once[mine], cut.column]]
        made = tree.split(number, cut.column, cut.right)
        waiting += [(number, mine[~right]), (made, mine[right])]
    return tree.cells_of(rows.numbers)


def _one_per_family(cell: Ints, family: Ints, rng: np.random.Generator) -> Ints:
    """Choose a row of each family in each cell, cell by cell: its members are made alike."""
    order = rng.permutation(len(cell))
    key = cell[order] * (int(family.max(initial=0)) + 1) + family[order]
    return np.asarray(order[np.unique(key, return_index=True)[1]])


def _best(rows: HabitRows, choosing: Ints, judging: Ints) -> Cut | None:
    """Return the cut of the most gain for the families that judge; the others have chosen one of each column."""
    found = [
        cut._replace(gain=_gain(rows.place[judging], cut.right[rows.numbers[judging, cut.column]]))
        for cut in cuts(rows, choosing, rows.place[choosing])
    ]
    best = max(found, key=lambda cut: cut.gain, default=None)
    return best if best and best.gain > _LEAST_GAIN else None


def _gain(place: Ints, right: Flags) -> float:
    """Return by how much two sides tell places better than one; nothing where a side has too few rows."""
    places = int(place.max(initial=0)) + 1
    sides = np.stack([np.bincount(place[side], minlength=places) for side in (right, ~right)])
    if sides.sum(axis=1).min() < LEAST_ROWS:
        return 0.0
    alike = np.zeros(1, np.int64)
    return float(worth(sides, alike).sum() - worth(sides.sum(axis=0, keepdims=True), alike).sum())
