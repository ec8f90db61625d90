"""Trees of cells while they grow: nodes that all trees share, and the axes that they are cut on."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from backend.ml.centres.cells import STEP, Cells, step
from backend.ml.common.arrays import Flags, Ints

MAX_WORDS: Final = 200
"""The most frequent words of an attribute, which cells tell apart."""
MAX_RANGES: Final = 512
"""Ranges of an attribute's numbers, filled alike, which cells tell apart."""


@dataclass(frozen=True, slots=True)
class CodedItems:
    """Exact codes of all items by column, which columns are categories, and each item's family (-1: none)."""

    codes: Ints
    categorical: list[bool]
    family: Ints

    def axes(self) -> Cells:
        """Return cells without a tree, that number all columns."""
        values = [_known_values(*each) for each in zip(self.codes, self.categorical, strict=True)]
        none = np.zeros(0, np.int32)
        ranged = ~np.array(self.categorical, dtype=bool)
        return Cells(np.arange(len(self.codes)), ranged, tuple(values), none, none, none.reshape(0, 2), step())


def _known_values(codes: Ints, is_category: bool) -> Ints:
    found, count = np.unique(codes, return_counts=True)
    if is_category:
        return np.sort(found[np.argsort(-count, kind="stable")[:MAX_WORDS]])
    known = codes[codes > 0]  # 0 is missing, below all ranges
    return (
        np.unique(np.quantile(known, np.linspace(0, 1, MAX_RANGES + 1)[:-1], method="nearest")) if len(known) else known
    )


@dataclass(frozen=True, slots=True)
class HabitRows:
    """What one habit is learnt from: a row per item and operation."""

    numbers: Ints
    """(row, column): the item's numbers, and the operation last."""
    tops: list[int]
    """Per column one more than the largest number."""
    ranged: list[bool]
    family: Ints
    place: Ints
    places: int


@dataclass(slots=True)
class Nodes:
    """The nodes of all trees so far."""

    column: list[int] = field(default_factory=list)
    right: list[Flags] = field(default_factory=list)
    pointers: list[list[int]] = field(default_factory=list)

    def finished(self, axes: Cells) -> Cells:
        """Return the trees, with the columns that they ask for."""
        asked = np.array(self.column, dtype=np.int64)
        used = np.unique(asked[asked < len(axes.columns)])
        column = np.append(used, len(axes.columns)).searchsorted(asked)
        ranged = np.append(axes.ranged, False)[asked]
        parts = [np.zeros(0, bool) if whole else side for whole, side in zip(ranged.tolist(), self.right, strict=True)]
        begins = 2 * STEP + np.cumsum([0, *map(len, parts)])[:-1]
        thresholds = np.array([int(side.argmax()) for side in self.right], dtype=np.int64)
        return Cells(
            used,
            axes.ranged[used],
            tuple(axes.values[i] for i in used.tolist()),
            column.astype(np.int32),
            np.where(ranged, STEP - thresholds, begins).astype(np.int32),
            np.array(self.pointers, dtype=np.int32).reshape(-1, 2),
            np.concatenate([step(), *parts]),
        )


@dataclass(slots=True)
class GrowingTree:
    """One tree; its cells are numbered as they come."""

    nodes: Nodes
    root: int = ~0
    above: list[tuple[int, int]] = field(default_factory=lambda: [(-1, 0)])
    """Per cell the node and side that lead to it; -1 is the root."""

    def split(self, cell: int, column: int, right: Flags) -> int:
        """Cut a cell in two by which numbers go right; return the right part's number, the left one keeps its own."""
        node, made = len(self.nodes.column), len(self.above)
        self.nodes.column.append(column)
        self.nodes.right.append(right)
        self.nodes.pointers.append([~cell, ~made])
        parent, side = self.above[cell]
        if parent >= 0:
            self.nodes.pointers[parent][side] = node
        else:
            self.root = node
        self.above[cell] = (node, 0)
        self.above.append((node, 1))
        return made

    def cells_of(self, numbers: Ints) -> Ints:
        """Return the cell of each row of numbers."""
        cell = np.zeros(len(numbers), dtype=np.int64)
        waiting = [(self.root, np.arange(len(numbers)))]
        while waiting:
            pointer, rows = waiting.pop()
            if pointer < 0:
                cell[rows] = ~pointer
                continue
            right = self.nodes.right[pointer][numbers[rows, self.nodes.column[pointer]]]
            left_pointer, right_pointer = self.nodes.pointers[pointer]
            waiting += [(left_pointer, rows[~right]), (right_pointer, rows[right])]
        return cell
