"""Cells of items: per operation, the items that one family's habits send to one and the same step."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from backend.ml.arrays import Flags, Ints


@dataclass(frozen=True, slots=True)
class Cells:
    """One small tree per operation over the codes of a few attributes; its leaves are the cells.

    A pointer >= 0 names a node, one below 0 the cell ~pointer. A node looks one number up in its part
    of `right` and goes on to its left or right pointer.
    """

    columns: Ints
    """The encoded columns that any tree asks for."""
    values: tuple[Ints, ...]
    """Per used column its known codes, sorted; an item's number is their position + 1, or 0."""
    root: Ints
    """A pointer per operation."""
    node_column: Ints
    """Position in `columns`."""
    node_start: Ints
    """Where a node's part of `right` begins."""
    node_next: Ints
    """(node, 0 left / 1 right): pointers."""
    right: Flags
    counts: Ints
    """Cells per operation."""

    def numbers(self, codes: Ints) -> Ints:
        """Return (item, used column) numbers of items, from their comparable codes by column."""
        found = [
            _number(codes[column], known) for column, known in zip(self.columns.tolist(), self.values, strict=True)
        ]
        return np.array(found, dtype=np.int16).T if found else np.zeros((codes.shape[1], 0), np.int16)

    def of(self, numbers: Ints, row: Ints, operation: Ints) -> Ints:
        """Return the cell of each (row of numbers, operation) pair."""
        pointer = self.root[operation].astype(np.int64)
        active = np.flatnonzero(pointer >= 0)
        while len(active):
            node = pointer[active]
            value = numbers[row[active], self.node_column[node]]
            pointer[active] = self.node_next[node, self.right[self.node_start[node] + value].view(np.int8)]
            active = active[pointer[active] >= 0]
        return ~pointer

    def to_parts(self) -> dict[str, Any]:
        """Return plain arrays."""
        return {name: getattr(self, name) for name in self.__slots__} | {"values": list(self.values)}

    @classmethod
    def from_parts(cls, parts: dict[str, Any]) -> "Cells":
        """Read what to_parts wrote."""
        return cls(**(parts | {"values": tuple(parts["values"])}))


def _number(codes: Ints, known: Ints) -> Ints:
    if not len(known):
        return np.zeros(len(codes), np.int64)
    place = np.minimum(known.searchsorted(codes), len(known) - 1)
    return np.asarray((place + 1) * (known[place] == codes))
