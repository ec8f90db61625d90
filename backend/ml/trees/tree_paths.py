"""What each feature adds to a boosted trees' answer, read off the paths from root to leaf."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from backend.ml.common.arrays import Floats, Ints, Ragged, offsets_of

_BLOCK: Final = 64
"""Rows whose leaves are looked up at once; more would not stay in the processor's cache."""


@dataclass(frozen=True, slots=True)
class TreePaths:
    """Per leaf of each tree: the groups of features on its path, and by how much each moves the expected value.

    The steps of a path add up to the leaf's value minus the root's (A. Saabas, treeinterpreter, 2014).
    """

    first_leaf: Ints
    """Number of each tree's first leaf."""
    groups: Ragged
    """A row per leaf: the groups that its path asks for; a path asks for few of all."""
    moves: Floats
    """One per value of `groups`."""
    count: int
    """How many groups there are."""

    @classmethod
    def of(cls, model: str, group_of: Sequence[int], count: int) -> "TreePaths":
        """Read a LightGBM model string; `group_of` gives each feature's group, of `count`; -1: it has none."""
        trees = trees_of(model)
        first = np.cumsum([0, *(len(numbers_of(tree["leaf_value"])) for tree in trees)])
        grouped = [_grouped(path, group_of) for tree in trees for path in _leaf_paths(tree)]
        lengths = np.fromiter(map(len, grouped), dtype=np.int64, count=len(grouped))
        groups = np.array([group for each in grouped for group in each], dtype=np.int16)
        moves = np.array([move for each in grouped for move in each.values()], dtype=np.float32)
        return cls(first[:-1], Ragged(offsets_of(lengths).astype(np.int32), groups), moves, count)

    def moved(self, paths: Ints) -> Floats:
        """Return what each group (columns) adds, per row of numbers of paths: a tree's first leaf + a leaf's number."""
        added = np.zeros((len(paths), self.count), dtype=np.float32)
        for start in range(0, len(paths), _BLOCK):
            asked = paths[start : start + _BLOCK]
            offsets, flat = self.groups.positions(asked.ravel())
            ends = offsets[:: asked.shape[1]]
            place = (np.arange(start, start + len(asked)) * self.count).repeat(ends[1:] - ends[:-1])
            place += self.groups.values.take(flat)
            np.add.at(added.reshape(-1), place, self.moves.take(flat))
        return added


def trees_of(model: str) -> list[dict[str, str]]:
    """Return what each tree of a LightGBM model string says, by name."""
    trees = (text.splitlines() for text in model.split("\nTree=")[1:])
    return [dict(line.split("=", 1) for line in lines if "=" in line) for lines in trees]


def _grouped(path: list[tuple[int, float]], group_of: Sequence[int]) -> dict[int, float]:
    """Return what each group moves; a step of no group tells how much the group asked before it matters here."""
    moves: dict[int, float] = {}
    group = -1
    for feature, move in path:
        group = group_of[feature] if group_of[feature] >= 0 else group
        if group >= 0:
            moves[group] = moves.get(group, 0.0) + move
    return moves


def _leaf_paths(tree: dict[str, str]) -> list[list[tuple[int, float]]]:
    """Return for each leaf the features that were asked on the way to it, with the steps they make."""
    leaf_value = numbers_of(tree["leaf_value"])
    paths: list[list[tuple[int, float]]] = [[] for _ in leaf_value]
    if len(leaf_value) == 1:
        return paths
    value, feature = numbers_of(tree["internal_value"]), list(map(int, tree["split_feature"].split()))
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


def numbers_of(text: str) -> list[float]:
    """Return the numbers of one of its lines."""
    return [float(number) for number in text.split()]
