"""How alike the routings are of items that nothing the model sees tells apart."""

from typing import Final

import numpy as np

from backend.ml.common.arrays import Floats, Ints, Ragged
from backend.ml.judging.alignment import sequence_match
from backend.ml.judging.limits import LEAST_PAIRS, SequenceCeiling, ceiling

MAX_PAIRS: Final = 5_000


def twin_ceiling(columns: list[Ints], labels: Ints, sequences: Ragged) -> SequenceCeiling | None:
    """Estimate the ceiling for items never made before; None where too few are alike.

    `columns` hold one comparable code per item and attribute that counts, `labels` each item's
    sequence number (-1: none), `sequences` the operations of each number. One pair per group of
    equal items and member, drawn in a fixed order.
    """
    rows = np.flatnonzero(labels >= 0)
    group = np.zeros(len(rows), dtype=np.int64)
    for column in columns:
        group = _split(group, column[rows])
    order = np.lexsort((rows, group))
    same = np.flatnonzero(group[order][1:] == group[order][:-1])
    if len(same) < LEAST_PAIRS:
        return None
    same = same[np.linspace(0, len(same) - 1, min(len(same), MAX_PAIRS)).astype(np.int64)]
    first, second = labels[rows[order][same]], labels[rows[order][same + 1]]
    return ceiling((first == second).astype(np.float64), _matches(first, second, sequences))


def _split(group: Ints, codes: Ints) -> Ints:
    """Return finer groups: of those equal so far, those with the same code."""
    numbers = np.unique(codes, return_inverse=True)[1]
    return np.unique(group * (int(numbers.max(initial=0)) + 1) + numbers, return_inverse=True)[1].astype(np.int64)


def _matches(first: Ints, second: Ints, sequences: Ragged) -> Floats:
    return np.array(
        [
            1.0 if one == other else sequence_match(sequences[one].tolist(), sequences[other].tolist())
            for one, other in zip(first.tolist(), second.tolist(), strict=True)
        ]
    )
