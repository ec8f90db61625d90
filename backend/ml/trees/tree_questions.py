"""What the nodes of a LightGBM tree ask, and which leaves lie where."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np

from backend.ml.common.arrays import Floats
from backend.ml.trees.tree_paths import numbers_of

_CATEGORICAL, _DEFAULT_LEFT, _MISSING = 1, 2, 12
_NO_MISSING, _NAN_MISSING = 0, 8
"""Bits of LightGBM's decision_type."""

Tree: TypeAlias = dict[str, str]
"""Lines of a model string by name (see tree_paths.trees_of)."""


def leaves_and_struck(tree: Tree) -> tuple[list[int], list[int]]:
    """Return leaves from left to right, and for each node the bits of those to the left below it."""
    sides = [list(map(int, tree.get(side, "").split())) for side in ("left_child", "right_child")]
    leaves: list[int] = []
    struck = [0] * len(sides[0])

    def below(node: int) -> int:
        if node < 0:
            leaves.append(~node)
            return 1 << len(leaves) - 1
        struck[node] = below(sides[0][node])
        return struck[node] | below(sides[1][node])

    below(0 if struck else -1)
    return leaves, struck


class Named(NamedTuple):
    """A question for categories, and those that go left."""

    feature: int
    categories: tuple[int, ...]


class Numbered(NamedTuple):
    """A question for a number."""

    feature: int
    threshold: float
    nan_left: bool


def questions_of(tree: Tree) -> Iterator[Named | Numbered]:
    """Return the question of each node."""
    words = np.array(tree.get("cat_threshold", "").split(), dtype=np.dtype("<u4"))
    begins = list(map(int, tree.get("cat_boundaries", "").split()))
    features, decisions = (list(map(int, tree[name].split())) for name in ("split_feature", "decision_type"))
    for feature, decision, threshold in zip(features, decisions, numbers_of(tree["threshold"]), strict=True):
        if decision & _CATEGORICAL:
            own = words[begins[int(threshold)] : begins[int(threshold) + 1]]
            yield Named(feature, tuple(np.unpackbits(own.view(np.uint8), bitorder="little").nonzero()[0].tolist()))
            continue
        missing = decision & _MISSING
        if missing not in {_NO_MISSING, _NAN_MISSING}:
            raise ValueError("zeros that stand for missing values are not read")
        yield Numbered(feature, threshold, bool(decision & _DEFAULT_LEFT) if missing else threshold >= 0.0)


def rounded_down(thresholds: Sequence[float]) -> Floats:
    """Return the largest float32 that is not above each: rows are of this type, it asks them the same."""
    exact = np.array(thresholds, dtype=np.float64)
    rounded = exact.astype(np.float32)
    above = rounded > exact
    rounded[above] = np.nextafter(rounded[above], np.float32(-np.inf))
    return rounded
