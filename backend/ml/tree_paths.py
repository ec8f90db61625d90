"""What each feature adds to a boosted trees' answer, read off the paths from root to leaf."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backend.ml.arrays import Floats, Ints, Ragged, offsets_of


@dataclass(frozen=True, slots=True)
class TreePaths:
    """Per leaf of each tree: the groups of features on its path, and by how much each moves the expected value.

    The steps of a path add up to the leaf's value minus the root's (A. Saabas, treeinterpreter, 2014).
    """

    first_leaf: Ints
    """Number of each tree's first leaf."""
    groups: Ragged
    """One row per leaf."""
    moves: Floats
    count: int
    """How many groups there are."""

    @classmethod
    def of(cls, model: str, group_of: Sequence[int], count: int) -> "TreePaths":
        """Read a LightGBM model string; `group_of` gives each feature's group, of `count`; -1: leave it out."""
        rows: list[dict[int, float]] = []
        first = []
        for text in model.split("\nTree=")[1:]:
            first.append(len(rows))
            rows += [_grouped(path, group_of) for path in _leaf_paths(_fields(text))]
        lengths = np.array([len(row) for row in rows], dtype=np.int64)
        groups = np.array([group for row in rows for group in row], dtype=np.int32)
        moves = np.array([move for row in rows for move in row.values()], dtype=np.float32)
        return cls(np.array(first, dtype=np.int64), Ragged(offsets_of(lengths), groups), moves, count)

    def contributions(self, leaves: Ints) -> Floats:
        """Return what each group (columns) adds for each row of leaf numbers (rows x trees)."""
        asked = (leaves + self.first_leaf).ravel()
        offsets, flat = self.groups.positions(asked)
        row = np.repeat(np.arange(len(asked)) // max(leaves.shape[1], 1), np.diff(offsets))
        key = row * self.count + self.groups.values[flat]
        added = np.bincount(key, weights=self.moves[flat], minlength=len(leaves) * self.count)
        return added.reshape(len(leaves), self.count)


def _fields(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)


def _grouped(path: list[tuple[int, float]], group_of: Sequence[int]) -> dict[int, float]:
    moves: dict[int, float] = {}
    for feature, move in path:
        group = group_of[feature]
        if group >= 0:
            moves[group] = moves.get(group, 0.0) + move
    return moves


def _leaf_paths(tree: dict[str, str]) -> list[list[tuple[int, float]]]:
    """Return for each leaf the features that were asked on the way to it, with the steps they make."""
    leaf_value = _numbers(tree["leaf_value"])
    paths: list[list[tuple[int, float]]] = [[] for _ in leaf_value]
    if len(leaf_value) == 1:
        return paths
    value, feature = _numbers(tree["internal_value"]), list(map(int, tree["split_feature"].split()))
    children = [list(map(int, tree[side].split())) for side in ("left_child", "right_child")]
    waiting: list[tuple[int, list[tuple[int, float]]]] = [(0, [])]
    while waiting:
        node, path = waiting.pop()
        for child in (children[0][node], children[1][node]):
            below = value[child] if child >= 0 else leaf_value[~child]
            longer = [*path, (feature[node], below - value[node])]
            if child >= 0:
                waiting.append((child, longer))
            else:
                paths[~child] = longer
    return paths


def _numbers(text: str) -> list[float]:
    return [float(number) for number in text.split()]
