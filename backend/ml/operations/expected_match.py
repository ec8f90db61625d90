"""Which proposal to put first where none is likely to be right: the one that is most like what is likely."""

from typing import Final

import numpy as np

from backend.ml.common.arrays import Floats, Ints, Ragged
from backend.ml.history.routing_book import RoutingBook

UNLIKELY: Final = 0.2
"""Where even the likeliest proposal for an item without lots has less of a chance, none is expected to be right."""
DOUBTFUL: Final = 0.5
"""The same for an item with lots: it is more likely wrong than right, and its lots say what it will be like."""
_USUAL: Final = 64
"""So many of the plant's most used sequences stand for what the proposals, or an item's own lots, leave open."""
_PLANT_LOTS: Final = 8.0
"""What is usual in the plant counts as so many own lots: one item's lots differ by chance as well."""
_LONG: Final = 64
"""Bits of a word: where a routing has more operations, a lane of one large number stands for each routing."""


class ExpectedMatch:
    """Expects how much of each proposal will come true; what the proposals leave open is taken to be usual."""

    def __init__(self, book: RoutingBook, uses: Floats) -> None:
        """Take the plant's sequences and how many lots, or else items, are made by each."""
        self._sequences = book.sequences
        self._usual = np.argsort(-uses, kind="stable")[:_USUAL]
        self._shares = uses[self._usual] / max(float(uses[self._usual].sum()), 1.0)

    def places(self, proposals: Ragged, chances: Floats, own: Ragged, own_weights: Floats, standard: Ints) -> Floats:
        """Return what to sort each query's proposals by: their chance, and 1 more for the one that comes first.

        `own` are the sequences of each query's own lots, `own_weights` what they count, `standard` the sequence of its
        valid standard routing (-1: none).
        """
        scores = np.array(chances)
        ends = proposals.offsets.tolist()
        for query, first in enumerate(ends[:-1]):
            last, lots = ends[query + 1], slice(*own.offsets[query : query + 2].tolist())
            asked = proposals.values[first:last], chances[first:last]
            known = lots.stop > lots.start
            if last - first > 1 and asked[1].max() < (DOUBTFUL if known else UNLIKELY):
                # what own lots were says more than chances that are small for every proposal
                ways = own.values[lots]
                like = (ways, own_weights[lots], self._plant_lots(ways)) if known else _open(*asked, standard[query])
                scores[first + int(self._expected(asked[0], *like).argmax())] += 1.0
        return scores

    def _plant_lots(self, ways: Ints) -> float:
        """Return how many own lots, made in some ways, what is usual in the plant counts: few of long ones.

        How much of a lot is like another one is a mean over its operations; of hundreds, chance moves it little.
        """
        return _PLANT_LOTS * min(1.0, _LONG / max(float(self._sequences.take(ways).lengths().mean()), 1.0))

    def _expected(self, proposals: Ints, likely: Ints, weights: Floats, usual: float) -> Floats:
        """Return the process_match, up to a factor, that is expected of each proposal.

        `likely` sequences have such weights; `usual` is the weight of what is usual in the plant.
        """
        others, weights = np.r_[likely, self._usual], np.r_[weights, max(usual, 0.0) * self._shares]
        taken, mine = self._sequences.take(np.r_[proposals, others]), len(proposals)
        matches = _matches if int(taken.lengths().max(initial=0)) <= _LONG else _matches_of_long
        return np.asarray(matches(taken, mine)[:, mine:] @ weights)


def _open(proposals: Ints, chances: Floats, standard: int) -> tuple[Ints, Floats, float]:
    """Return what an item without lots may be made by, each way's weight, and that of what is usual in the plant.

    What the chances leave open is half like the item's standard routing, where it has one: where no lot is made
    exactly so, because a few operations come and go, most are still made nearly so.
    """
    left = 1.0 - float(chances.sum())
    if standard < 0:
        return proposals, chances, left
    return np.r_[proposals, standard], np.r_[chances, left / 2], left / 2


def _matches(sequences: Ragged, mine: int) -> Floats:
    """Return 1 - edit distance / longer length of the first `mine` sequences (rows) to all (columns)."""
    lengths = sequences.lengths()
    edits = np.broadcast_to(lengths[:mine, None], (mine, len(lengths))).astype(np.int64)
    held, asked = _held(sequences, mine)
    more, less = np.full(edits.shape, ~np.uint64(0)), np.zeros(edits.shape, np.uint64)
    last, one = (lengths[:mine, None] - 1).astype(np.uint64), np.uint64(1)
    for step in range(asked.shape[1]):
        # Myers' algorithm: a bit per operation of a row says whether its distance grows or falls by one
        equal = held[:, asked[:, step]]
        across = (((equal & more) + more) ^ more) | equal
        grows, falls = less | ~(across | more), more & across
        change = ((grows >> last) & one).astype(np.int64) - ((falls >> last) & one).astype(np.int64)
        edits += np.where(step < lengths, change, 0)
        grows, falls, either = (grows << one) | one, falls << one, equal | less
        more, less = falls | ~(either | grows), grows & either
    return np.asarray(1.0 - edits / np.maximum(lengths[:mine, None], lengths))


def _held(sequences: Ragged, mine: int) -> tuple[Ints, Ints]:
    """Return at which places (bits) each of the first sequences has each operation, and the operations of all."""
    lengths, row = sequences.lengths(), sequences.row_of_values()
    names, number = np.unique(sequences.values, return_inverse=True)
    place = np.arange(len(row)) - sequences.offsets[row]
    operations = np.zeros((len(lengths), int(lengths.max())), dtype=np.int64)
    operations[row, place] = number
    held = np.zeros((mine, len(names)), dtype=np.uint64)
    own = row < mine
    np.bitwise_or.at(held, (row[own], number[own]), np.uint64(1) << place[own].astype(np.uint64))
    return held, operations


def _matches_of_long(sequences: Ragged, mine: int) -> Floats:
    """Return the same for sequences of any length.

    Myers' algorithm again, on whole numbers of any size: the first `mine` sequences lie side by side in one number,
    each in a lane of its own with a bit above it that takes the carry. How far a lane is from what was read follows
    from its bits: a step up for each of `more`, a step down for each of `less`.
    """
    lengths = sequences.lengths().tolist()
    starts = [0, *np.cumsum([length + 1 for length in lengths[:mine]]).tolist()]
    lanes = [((1 << length) - 1) << start for length, start in zip(lengths, starts[:-1], strict=False)]
    inside, lowest = sum(lanes), sum(1 << start for start in starts[:-1])
    held: dict[int, int] = {}
    for row, start in enumerate(starts[:-1]):
        for place, operation in enumerate(sequences[row].tolist()):
            held[operation] = held.get(operation, 0) | 1 << (start + place)
    edits = np.empty((mine, len(lengths)))
    for column, length in enumerate(lengths):
        more, less = inside, 0
        for operation in sequences[column].tolist():
            equal = held.get(operation, 0)
            across = ((((equal & more) + more) ^ more) | equal | less) & inside
            grows, falls = less | (inside & ~(across | more)), more & across
            grows, falls, either = ((grows << 1) | lowest) & inside, (falls << 1) & inside, equal | less
            more, less = falls | (inside & ~(either | grows)), grows & either
        edits[:, column] = [length + (more & lane).bit_count() - (less & lane).bit_count() for lane in lanes]
    longest = np.maximum(np.array(lengths[:mine])[:, None], np.array(lengths))
    return np.asarray(1.0 - edits / longest)
