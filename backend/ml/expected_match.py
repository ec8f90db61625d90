"""Which proposal to put first where none is likely to be right: the one that is most like what is likely."""

from typing import Final

import numpy as np

from backend.ml.arrays import Floats, Ints, Ragged
from backend.ml.routing_book import RoutingBook

UNLIKELY: Final = 0.2
"""Where even the likeliest proposal has less of a chance, being right throughout is not to be expected."""
_USUAL: Final = 64
"""So many of the plant's most used sequences stand for what the proposals leave open."""
_REACH: Final = 8
"""Operations further apart than this are not compared: long routings would cost too much."""


class ExpectedMatch:
    """Expects how much of each proposal will come true; what the proposals leave open is taken to be usual."""

    def __init__(self, book: RoutingBook, uses: Ints) -> None:
        """Take the plant's sequences and how many items are made by each."""
        self._sequences = book.sequences
        self._operations = len(book.operations)
        self._usual = np.argsort(-uses, kind="stable")[:_USUAL]
        self._shares = uses[self._usual] / max(float(uses[self._usual].sum()), 1.0)

    def places(self, proposals: Ragged, chances: Floats) -> Floats:
        """Return what to sort each query's proposals by: their chance, and 1 more for the one that comes first."""
        scores = np.array(chances)
        for first, last in zip(proposals.offsets[:-1].tolist(), proposals.offsets[1:].tolist(), strict=True):
            own = chances[first:last]
            if last - first > 1 and own.max() < UNLIKELY:
                scores[first + int(self._expected(proposals.values[first:last], own).argmax())] += 1.0
        return scores

    def _expected(self, sequences: Ints, chances: Floats) -> Floats:
        """Return the expected share of pairs of operations in the same order, a cheap stand-in for process_match."""
        others = np.r_[sequences, self._usual]
        weights = np.r_[chances, max(1.0 - float(chances.sum()), 0.0) * self._shares]
        taken = self._sequences.take(others)
        owner, pair = _ordered_pairs(taken, self._operations)
        _, column = np.unique(pair, return_inverse=True)
        has = np.zeros((len(others), int(column.max(initial=-1)) + 1), dtype=np.float32)
        has[owner, column] = 1.0
        count = np.maximum(has.sum(axis=1), 1.0)
        mine = len(sequences)
        common = has[:mine] @ has.T / np.maximum(count[:mine, None], count[None, :])
        return np.asarray(common @ weights)


def _ordered_pairs(sequences: Ragged, operations: int) -> tuple[Ints, Ints]:
    """Return sequence and number of every operation, and of every two of which one follows soon after the other."""
    row, values = sequences.row_of_values(), sequences.values.astype(np.int64)
    owners, pairs = [row], [values * (operations + 1) + operations]
    for step in range(1, _REACH + 1):
        same = np.flatnonzero(row[step:] == row[:-step]) if len(row) > step else np.zeros(0, np.int64)
        owners.append(row[same])
        pairs.append(values[same] * (operations + 1) + values[same + step])
    return np.concatenate(owners), np.concatenate(pairs)
