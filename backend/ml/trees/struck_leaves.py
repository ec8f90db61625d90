"""Boosted trees that are asked the same of an item over and over, each time with another operation.

Each value of a feature strikes leaves out of every tree: those to the left of where a question about it leads to the
right. The first leaf that nothing strikes out is the one (the idea of QuickScorer: Lucchese and others, 2015). So what
an item strikes out is worked out once for all its operations. LightGBM goes from node to node with each of them, and
with the few questions of one item it waits for memory most of the time; it ends in the same leaves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from backend.ml.common.arrays import Flags, Floats, Ints, offsets_of, run_starts
from backend.ml.trees.tree_paths import numbers_of
from backend.ml.trees.tree_questions import Named, Numbered, Tree, leaves_and_struck, questions_of, rounded_down

MOST_LEAVES: Final = 64
OPERATION: Final = 0
"""The feature, a category, that differs between questions about one item."""


@dataclass(frozen=True, slots=True)
class StruckLeaves:
    """What each value of each feature strikes out of trees.

    A value has a bin: its category + 1 (0: none of the known), or how many thresholds lie below it (one more than
    there are: NaN). Bins of all features are numbered through.
    """

    asked_of: Ints
    """The feature of each threshold."""
    thresholds: Floats
    """Those of one feature side by side, ascending."""
    numbers: tuple[Ints, Ints, Ints, Ints]
    """Features that are numbers; where the thresholds of each begin, and its bins; which of these is for NaN."""
    categories: tuple[Ints, Ints, Ints]
    """Features that are categories, without OPERATION; the last known of each, and where its bins begin."""
    of_bin: Ints
    """Per bin a row of `struck`."""
    of_operation: Ints
    """The same for the bins of OPERATION alone, and once more that of none of the known."""
    struck: Ints
    """(row, tree): a bit for each leaf that is struck out, from left to right. Row 0 strikes nothing out."""
    leaf: Ints
    """(tree, position from the left): the model's number of the leaf."""
    value: Floats
    """As `leaf`: what it adds to the answer."""
    begins: Ints
    """Per tree where its leaves begin in `value` laid out flat."""

    @classmethod
    def of(cls, trees: Sequence[Tree]) -> "StruckLeaves":
        """Read trees of LightGBM model strings; ValueError for larger ones, or zeros that stand for missing values."""
        leaf, value = np.zeros((len(trees), MOST_LEAVES), np.uint8), np.zeros((len(trees), MOST_LEAVES))
        nodes: list[_Node] = []
        for number, tree in enumerate(trees):
            leaves, struck = leaves_and_struck(tree)
            if len(leaves) > MOST_LEAVES:
                raise ValueError(f"tree {number} has {len(leaves)} leaves, more than {MOST_LEAVES}")
            leaf[number, : len(leaves)] = leaves
            value[number, : len(leaves)] = np.array(numbers_of(tree["leaf_value"]))[leaves]
            nodes += [(number, *each) for each in zip(questions_of(tree), struck, strict=True)] if struck else []
        bins = _Bins([question for _, question, _ in nodes])
        of_bin, struck_by_row = _distinct(bins.struck(nodes, len(trees)))
        asked_of, thresholds, numbers = bins.numbers()
        return cls(
            asked_of,
            thresholds,
            numbers,
            bins.categories(),
            of_bin,
            np.append(of_bin[bins.span(OPERATION)], of_bin[bins.span(OPERATION).start]),
            struck_by_row,
            leaf,
            value,
            np.arange(0, leaf.size, MOST_LEAVES),
        )

    def follow(self, rows: Floats, row: Ints, operation: Ints) -> Ints:
        """Return where questions end in each tree, as places in `value` laid out flat: (question, tree).

        Each asks about a row of features with an operation in its place.
        """
        bins = self.of_bin[self._bins(rows)]
        by_item = [np.bitwise_or.reduce(self.struck.take(each[each > 0], axis=0), axis=0) for each in bins]
        by_operation = self.struck.take(self.of_operation.take(operation + 1, mode="clip"), axis=0)
        struck = np.array(by_item or self.struck[:1]).take(row, axis=0) | by_operation
        first_left = np.bitwise_count(struck & ~(struck + np.uint64(1)))
        return np.asarray(first_left + self.begins)

    def _bins(self, rows: Floats) -> Ints:
        """Return the bin of each row (first axis) in each feature but OPERATION."""
        feature, begin, first, nan = self.numbers
        below = rows.take(self.asked_of, axis=1) > self.thresholds
        count = (
            np.add.reduceat(below, begin, axis=1, dtype=np.intp) if len(begin) else np.zeros((len(rows), 0), np.intp)
        )
        number = np.where(np.isnan(rows.take(feature, axis=1)), nan, count)
        feature, top, first_named = self.categories
        named = rows.take(feature, axis=1)
        category = np.where((named > -1) & (named < top + 1), named, -1).astype(np.intp)
        return np.concatenate([number + first, category + (first_named + 1)], axis=1)


_Node = tuple[int, Named | Numbered, int]
"""A tree's number, what the node asks, and the bits of the leaves to the left below it."""


class _Bins:
    """The bins of all features that are asked for."""

    def __init__(self, questions: Sequence[Named | Numbered]) -> None:
        self._tops: dict[int, int] = {OPERATION: -1}
        asked: dict[int, set[float]] = {}
        for each in questions:
            if isinstance(each, Named):
                self._tops[each.feature] = max(self._tops.get(each.feature, -1), *each.categories, -1)
            else:
                asked.setdefault(each.feature, set()).add(each.threshold)
        self._thresholds = {feature: np.unique(rounded_down([*asked[feature]])) for feature in sorted(asked)}
        widths = {feature: len(asked) + 2 for feature, asked in self._thresholds.items()}
        widths |= {feature: top + 2 for feature, top in sorted(self._tops.items())}
        begins = offsets_of(np.array([*widths.values()])).tolist()
        self._spans = {feature: slice(*span) for feature, span in zip(widths, pairwise(begins), strict=True)}
        self._count = begins[-1]

    def span(self, feature: int) -> slice:
        """Return which bins are a feature's."""
        return self._spans[feature]

    def numbers(self) -> tuple[Ints, Floats, tuple[Ints, Ints, Ints, Ints]]:
        """Return what StruckLeaves knows of features that are numbers."""
        features = np.array([*self._thresholds], np.intp)
        counts = np.array([len(each) for each in self._thresholds.values()], np.intp)
        thresholds = np.concatenate([np.zeros(0, np.float32), *self._thresholds.values()])
        firsts = np.array([self._spans[each].start for each in self._thresholds], np.intp)
        return features.repeat(counts), thresholds, (features, offsets_of(counts)[:-1], firsts, counts + 1)

    def categories(self) -> tuple[Ints, Ints, Ints]:
        """Return what StruckLeaves knows of features that are categories."""
        features = [feature for feature in sorted(self._tops) if feature != OPERATION]
        rows = [(each, self._tops[each], self._spans[each].start) for each in features]
        feature, top, first = np.array(rows, np.intp).reshape(-1, 3).T
        return feature, top, first

    def struck(self, nodes: Sequence[_Node], trees: int) -> Ints:
        """Return (bin, tree): a bit for each leaf that is struck out."""
        struck = np.zeros((self._count, trees), np.uint64)
        of_feature: dict[int, list[_Node]] = {}
        for node in nodes:
            of_feature.setdefault(node[1].feature, []).append(node)
        for feature, own in of_feature.items():
            tree, bits = np.array([each[0] for each in own]), np.array([each[2] for each in own], np.uint64)
            first = run_starts(tree)
            right = self._right(feature, [question for _, question, _ in own])
            struck[self._spans[feature], tree[first]] = np.bitwise_or.reduceat(right * bits, first, axis=1)
        return struck

    def _right(self, feature: int, questions: Sequence[Named | Numbered]) -> Flags:
        """Return for each of the feature's bins (first axis) whether the questions lead it to the right."""
        span = self._spans[feature]
        bins = np.arange(span.stop - span.start)[:, None]
        named = [each for each in questions if isinstance(each, Named)]
        if named:
            right = np.ones((len(bins), len(named)), dtype=bool)
            column = np.arange(len(named)).repeat([len(each.categories) for each in named])
            right[np.array([category + 1 for each in named for category in each.categories], np.intp), column] = False
            return right
        numbers = [each for each in questions if isinstance(each, Numbered)]
        right = bins > self._thresholds[feature].searchsorted(rounded_down([each.threshold for each in numbers]))
        right[-1] = [not each.nan_left for each in numbers]
        return right


def _distinct(rows: Ints) -> tuple[Ints, Ints]:
    """Return which of the distinct rows each one is, and these, with zeros as the first."""
    numbers = {np.zeros_like(rows[0]).tobytes(): 0} if len(rows) else {}
    places = np.array([numbers.setdefault(row.tobytes(), len(numbers)) for row in rows], np.intp)
    return places, np.frombuffer(b"".join(numbers), rows.dtype).reshape(-1, rows.shape[1])
