"""Growing the cells: splits that tell members of one family apart where they are made differently.

Ordinary trees would spend their splits on telling families apart. Here the examples are pairs of items of one
family, and a split is good if the pairs that it separates differ in their step more often than the others. What
does not vary within families cannot split; what a family does by habit is no noise.
"""

from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np

from backend.ml.arrays import Flags, Floats, Ints
from backend.ml.cells import Cells

MAX_CELLS: Final = 64
MAX_VALUES: Final = 200
PARTNERS: Final = 3
"""Each item is paired with so many random members of its family."""
_MAX_PAIRS: Final = 40_000
_LEAST_SEPARATED: Final = 12
_LEAST_GAIN: Final = 8.0
"""In nats of likelihood: below it, the best of thousands of cuts is luck."""


@dataclass(frozen=True, slots=True)
class Made:
    """Which item does which operation in which step, one entry per item and operation."""

    item: Ints
    operation: Ints
    step: Ints

    def take(self, rows: Ints) -> "Made":
        """Return some entries."""
        return Made(self.item[rows], self.operation[rows], self.step[rows])


@dataclass(frozen=True, slots=True)
class CodedItems:
    """Comparable codes of all items by column, which columns are categories, and each item's family (-1: none)."""

    codes: Ints
    categorical: list[bool]
    family: Ints


class _Cut(NamedTuple):
    gain: float
    column: int
    threshold: int


@dataclass(slots=True)
class _Grower:
    """The nodes of all trees so far."""

    column: list[int] = field(default_factory=list)
    sides: list[Flags] = field(default_factory=list)
    pointers: list[list[int]] = field(default_factory=list)


def partners(family: Ints, count: int, rng: np.random.Generator) -> tuple[Ints, Ints]:
    """Return pairs of rows of one family: each row with the next few in a random order; -1 is no family."""
    order = rng.permutation(len(family))
    order = order[np.argsort(family[order], kind="stable")]
    order = order[family[order] >= 0]
    left = np.concatenate([order[: max(len(order) - step, 0)] for step in range(1, count + 1)])
    right = np.concatenate([order[step:] for step in range(1, count + 1)])
    related = family[left] == family[right]
    return left[related], right[related]


def fit_cells(items: CodedItems, made: Made, rivals: Ints, seed: int) -> Cells:
    """Grow a tree for each operation with at least two steps to choose from (`rivals` per operation)."""
    codes = items.codes
    values = [_known_values(column, is_category) for column, is_category in zip(codes, items.categorical, strict=True)]
    everything = Cells(np.arange(len(codes)), tuple(values), *(np.zeros(0, np.int32),) * 4, np.zeros(0, bool), rivals)
    numbers = everything.numbers(codes)
    roots, counts, grower = np.full(len(rivals), ~0), np.ones(len(rivals), np.int32), _Grower()
    order = np.argsort(made.operation, kind="stable")
    bounds = np.searchsorted(made.operation[order], np.arange(len(rivals) + 1))
    for operation in np.flatnonzero(rivals >= 2).tolist():
        mine = made.take(order[bounds[operation] : bounds[operation + 1]])
        rng = np.random.default_rng([seed, 5, operation])
        pairs = _Pairs.draw(numbers, items, mine, rng)
        most = int(np.clip(1000 // rivals[operation], 2, MAX_CELLS))
        roots[operation], counts[operation] = pairs.grow(grower, most)
    return _finished(grower, values, roots, counts)


def _known_values(codes: Ints, is_category: bool) -> Ints:
    found, count = np.unique(codes, return_counts=True)
    if not is_category:
        return found
    return np.sort(found[np.argsort(-count, kind="stable")[:MAX_VALUES]])


def _finished(grower: _Grower, values: list[Ints], roots: Ints, counts: Ints) -> Cells:
    used, column = np.unique(np.array(grower.column, dtype=np.int64), return_inverse=True)
    start = np.cumsum([0, *(len(side) for side in grower.sides)])[:-1]
    return Cells(
        used,
        tuple(values[i] for i in used.tolist()),
        roots.astype(np.int32),
        column.astype(np.int32),
        start.astype(np.int32),
        np.array(grower.pointers, dtype=np.int32).reshape(-1, 2),
        np.concatenate(grower.sides) if grower.sides else np.zeros(0, bool),
        counts,
    )


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Pairs of one operation: the lower and higher place of both on every axis, and whether their steps differ."""

    low: Ints
    high: Ints
    differ: Floats
    place: list[Ints]
    """Per column, the place of each number on its axis."""
    columns: list[int]
    """Columns that vary within families."""

    @classmethod
    def draw(cls, numbers: Ints, items: CodedItems, made: Made, rng: np.random.Generator) -> "_Pairs":
        left, right = partners(items.family[made.item], PARTNERS, rng)
        if len(left) > _MAX_PAIRS:
            kept = rng.choice(len(left), _MAX_PAIRS, replace=False)
            left, right = left[kept], right[kept]
        differ = (made.step[left] != made.step[right]).astype(np.float64)
        first, second = numbers[made.item[left]], numbers[made.item[right]]
        varying = np.flatnonzero((first != second).sum(axis=0) >= _LEAST_SEPARATED).tolist()
        place = []
        for column, is_category in enumerate(items.categorical):
            top = int(numbers[:, column].max(initial=0)) + 1
            if is_category and column in varying:
                place.append(_axis(first[:, column], second[:, column], differ, top))
            else:
                place.append(np.arange(top))
            first[:, column], second[:, column] = place[-1][first[:, column]], place[-1][second[:, column]]
        low, high = np.minimum(first, second).astype(np.int64), np.maximum(first, second).astype(np.int64)
        return cls(np.asfortranarray(low), np.asfortranarray(high), differ, place, varying)

    def grow(self, grower: _Grower, most: int) -> tuple[int, int]:
        """Add a tree to the nodes, best split first; return its root pointer and number of cells."""
        everything = np.arange(len(self.differ))
        open_cells: list[tuple[Ints, _Cut | None, list[int]]] = [(everything, self._best(everything), [-1, 0])]
        root = ~0
        while len(open_cells) < most:
            gains = [cut.gain if cut else 0.0 for _, cut, _ in open_cells]
            best = int(np.argmax(gains))
            rows, cut, (parent, side) = open_cells[best]
            if cut is None:
                break
            node = len(grower.column)
            grower.column.append(cut.column)
            grower.sides.append(self.place[cut.column] >= cut.threshold)
            grower.pointers.append([~best, ~len(open_cells)])
            if parent >= 0:
                grower.pointers[parent][side] = node
            else:
                root = node
            below = rows[self.high[rows, cut.column] < cut.threshold]
            above = rows[self.low[rows, cut.column] >= cut.threshold]
            open_cells[best] = (below, self._best(below), [node, 0])
            open_cells.append((above, self._best(above), [node, 1]))
        return root, len(open_cells)

    def _best(self, rows: Ints) -> _Cut | None:
        if len(rows) < 2 * _LEAST_SEPARATED:
            return None
        differ = self.differ[rows]
        cuts = [self._cut(rows, differ, column) for column in self.columns]
        best = max(cuts, key=lambda cut: cut.gain, default=None)
        return best if best and best.gain > _LEAST_GAIN else None

    def _cut(self, rows: Ints, differ: Floats, column: int) -> _Cut:
        """Return the best threshold of one column: all are weighed at once by running sums."""
        low, high = self.low[rows, column], self.high[rows, column]
        top = int(high.max()) + 2
        apart = np.cumsum(np.bincount(low + 1, minlength=top) - np.bincount(high + 1, minlength=top))
        unlike = np.cumsum(
            np.bincount(low + 1, weights=differ, minlength=top) - np.bincount(high + 1, weights=differ, minlength=top)
        )
        total, pairs = float(differ.sum()), len(rows)
        gain = _likelihood(unlike, apart) + _likelihood(total - unlike, pairs - apart)
        fits = (apart >= _LEAST_SEPARATED) & (unlike * pairs > total * apart)
        gain = np.where(fits, gain - _likelihood(np.array(total), np.array(pairs)), -1.0)
        threshold = int(gain.argmax())
        return _Cut(float(gain[threshold]), column, threshold)


def _likelihood(hits: Floats, trials: Floats) -> Floats:
    """Return the greatest log-likelihood of so many hits among so many trials."""
    share = np.clip(hits / np.maximum(trials, 1), 1e-12, 1 - 1e-12)
    return np.asarray(trials * (share * np.log(share) + (1 - share) * np.log1p(-share)))


def _axis(first: Ints, second: Ints, differ: Floats, top: int) -> Ints:
    """Return a place for each value of a category, so that values whose steps differ lie far apart.

    The places follow the direction in which differing beyond the average is spread most.
    """
    surplus = np.zeros((top, top))
    unequal = first != second
    np.add.at(surplus, (first[unequal], second[unequal]), differ[unequal] - differ.mean())
    surplus += surplus.T
    live = np.flatnonzero(np.abs(surplus).sum(axis=1) > 0)
    score = np.zeros(top)
    if len(live) >= 2:
        direction = np.linalg.eigh(surplus[np.ix_(live, live)])[1][:, 0]
        strongest = np.argmax(np.abs(direction))  # the sign is arbitrary: fix it
        score[live] = np.round(direction * np.sign(direction[strongest]), 9)
    return np.argsort(np.argsort(score, kind="stable"), kind="stable")
