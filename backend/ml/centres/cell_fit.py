"""The first cuts of cells: those that tell members of one family apart where they are made differently.

Ordinary trees would spend their splits on telling families apart. Here the examples are pairs of rows of one
family, and a split is good if the pairs that it separates differ in their place more often than the others. What
does not vary within families cannot split; what a family does by habit is no noise.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from backend.ml.centres.cell_growing import GrowingTree, HabitRows
from backend.ml.common.arrays import Floats, Ints

MAX_CELLS: Final = 64
PARTNERS: Final = 3
"""Each row is paired with so many random ones of its family."""
_MAX_PAIRS: Final = 100_000
_LEAST_SEPARATED: Final = 12
_LEAST_GAIN: Final = 8.0
"""In nats of likelihood: below it, the best of thousands of cuts is luck."""


class _Cut(NamedTuple):
    gain: float
    column: int
    threshold: int


def partners(family: Ints, count: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Return pairs of rows of one family: each row with the next few in a random order; -1 is no family."""
    order = rng.permutation(len(family))
    order = order[np.argsort(family[order], kind="stable")]
    order = order[family[order] >= 0]
    left = np.concatenate([order[: max(len(order) - step, 0)] for step in range(1, count + 1)])
    right = np.concatenate([order[step:] for step in range(1, count + 1)])
    related = family[left] == family[right]
    return left[related], right[related]


def cut_by_pairs(tree: GrowingTree, rows: HabitRows, rng: np.random.Generator) -> None:
    """Grow a tree while pairs of family members tell where to cut."""
    _Pairs.draw(rows, rng).grow(tree)


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Pairs of rows: the lower and higher of both on every axis, and whether they are made in different places."""

    low: Ints
    high: Ints
    differ: Floats
    axis: list[Ints]
    """Per column, where each number lies on its axis."""
    columns: list[int]
    """Columns that vary within families."""

    @classmethod
    def draw(cls, rows: HabitRows, rng: np.random.Generator) -> "_Pairs":
        left, right = partners(rows.family, PARTNERS, rng)
        if len(left) > _MAX_PAIRS:
            kept = rng.choice(len(left), _MAX_PAIRS, replace=False)
            left, right = left[kept], right[kept]
        differ = (rows.place[left] != rows.place[right]).astype(np.float64)
        first, second = rows.numbers[left].astype(np.int64), rows.numbers[right].astype(np.int64)
        varying = np.flatnonzero((first != second).sum(axis=0) >= _LEAST_SEPARATED).tolist()
        axis = [np.arange(top) for top in rows.tops]
        for column in varying:
            if not rows.ranged[column]:
                axis[column] = _axis(first[:, column], second[:, column], differ, rows.tops[column])
                first[:, column], second[:, column] = axis[column][first[:, column]], axis[column][second[:, column]]
        low, high = np.minimum(first, second), np.maximum(first, second)
        return cls(np.asfortranarray(low), np.asfortranarray(high), differ, axis, varying)

    def grow(self, tree: GrowingTree) -> None:
        """Split a tree, best split first."""
        everything = np.arange(len(self.differ))
        open_cells = [(everything, self._best(everything))]
        while len(open_cells) < MAX_CELLS:
            best = int(np.argmax([cut.gain if cut else 0.0 for _, cut in open_cells]))
            pairs, cut = open_cells[best]
            if cut is None:
                break
            tree.split(best, cut.column, self.axis[cut.column] >= cut.threshold)
            below = pairs[self.high[pairs, cut.column] < cut.threshold]
            above = pairs[self.low[pairs, cut.column] >= cut.threshold]
            open_cells[best] = (below, self._best(below))
            open_cells.append((above, self._best(above)))

    def _best(self, pairs: Ints) -> _Cut | None:
        if len(pairs) < 2 * _LEAST_SEPARATED:
            return None
        differ = self.differ[pairs]
        cuts = [self._cut(pairs, differ, column) for column in self.columns]
        best = max(cuts, key=lambda cut: cut.gain, default=None)
        return best if best and best.gain > _LEAST_GAIN else None

    def _cut(self, pairs: Ints, differ: Floats, column: int) -> _Cut:
        """Return the best threshold of one column: all are weighed at once by running sums."""
        low, high = self.low[pairs, column], self.high[pairs, column]
        top = int(high.max()) + 2
        apart = np.cumsum(np.bincount(low + 1, minlength=top) - np.bincount(high + 1, minlength=top))
        unlike = np.cumsum(
            np.bincount(low + 1, weights=differ, minlength=top) - np.bincount(high + 1, weights=differ, minlength=top)
        )
        total, count = float(differ.sum()), len(pairs)
        gain = _likelihood(unlike, apart) + _likelihood(total - unlike, count - apart)
        fits = (apart >= _LEAST_SEPARATED) & (unlike * count > total * apart)
        gain = np.where(fits, gain - _likelihood(np.array(total), np.array(count)), -1.0)
        threshold = int(gain.argmax())
        return _Cut(float(gain[threshold]), column, threshold)


def _likelihood(hits: Floats, trials: Floats) -> Floats:
    """Return the greatest log-likelihood of so many hits among so many trials."""
    share = np.clip(hits / np.maximum(trials, 1), 1e-12, 1 - 1e-12)
    return np.asarray(trials * (share * np.log(share) + (1 - share) * np.log1p(-share)))


def _axis(first: Ints, second: Ints, differ: Floats, top: int) -> Ints:
    """Return a place for each value of a category, so that values whose rows differ lie far apart.

    The places follow the direction in which differing beyond the average is spread most.
    """
    surplus = np.zeros((top, top))
    unequal = first != second
    np.add.at(surplus, (first[unequal], second[unequal]), differ[unequal] - differ.mean())
    surplus += surplus.T
    live = np.flatnonzero(np.abs(surplus).sum(axis=1) > 0)
    score = np.zeros(top)
    if len(live) >= 2:
        score[live] = steady(np.linalg.eigh(surplus[np.ix_(live, live)])[1][:, 0])
    return np.argsort(np.argsort(score, kind="stable"), kind="stable")


def steady(direction: Floats) -> Floats:
    """Return a direction with its arbitrary sign fixed and its last digits rounded away."""
    strongest = np.argmax(np.abs(direction))
    return np.asarray(np.round(direction * np.sign(direction[strongest]), 9))
