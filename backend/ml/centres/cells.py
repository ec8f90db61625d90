"""Cells of items: items that one and the same habit sends to one and the same place."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np

from backend.ml.common.arrays import Flags, Ints, offsets_of

STEP: Final = 1024
"""Where `right` turns from STEP times False to STEP times True; numbers are below."""
_FEW: Final = 16
"""So few rows are followed one by one: a step of all of them together costs as much as twenty of one."""
_CODE_BITS: Final = 33
"""Exact codes are below: words are hashes of 32 bits, numbers one bit more (see ItemEncoder.exact_codes)."""


@dataclass(frozen=True)
class Cells:
    """Small trees over the numbers of a few attributes, and of the operation; the leaves are the cells.

    A pointer >= 0 names a node, one below 0 the cell ~pointer. A node looks one number up in its part
    of `right` and goes on to its left or right pointer.
    """

    columns: Ints
    """The encoded columns that any tree asks for."""
    ranged: Flags
    """Per used column whether `values` are where ranges begin, not words."""
    values: tuple[Ints, ...]
    """Per used column its known exact codes, sorted."""
    node_column: Ints
    """Position in `columns`; after the last, the operation."""
    node_start: Ints
    """Where a node's part of `right` begins."""
    node_next: Ints
    """(node, 0 left / 1 right): pointers."""
    right: Flags
    """STEP times False and STEP times True, shared by all nodes that ask for ranges; then each other node's part."""

    def numbers(self, codes: Ints) -> Ints:
        """Return (item, used column) numbers of items, from their exact codes by column.

        A word's number is its position among the known ones + 1, or 0; a number's is how many ranges begin up to it.
        """
        keys, begins = self._keys
        if not len(keys):
            return np.zeros((codes.shape[1], len(self.columns)), np.int16)
        asked = codes.take(self.columns, axis=0) + self._first_keys
        after = keys.searchsorted(asked, side="right")
        known = self.ranged[:, None] | (keys[after - 1] == asked)
        return np.asarray(((after - begins) * known).astype(np.int16).T)

    @cached_property
    def _first_keys(self) -> Ints:
        return np.arange(len(self.columns))[:, None] << _CODE_BITS

    @cached_property
    def _keys(self) -> tuple[Ints, Ints]:
        """All known codes in one sorted array, those of each used column raised above the last one's, and its begin."""
        raised = [known.astype(np.int64) + (at << _CODE_BITS) for at, known in enumerate(self.values)]
        begins = offsets_of(np.array([len(known) for known in self.values], dtype=np.int64))[:-1, None]
        return np.concatenate([np.zeros(0, np.int64), *raised]), begins

    @cached_property
    def _nodes(self) -> tuple[Ints, Ints, Ints]:
        """What a node looks up: column, start of its part, pointers; wide, for what is added up is."""
        column, start, pointers = (
            each.astype(np.int64).ravel() for each in (self.node_column, self.node_start, self.node_next)
        )
        return column, start, pointers

    @cached_property
    def _plain_nodes(self) -> tuple[list[int], list[int], list[int], bytes]:
        """The same, and `right`, where a single number is read in a fifth of the time."""
        column, start, pointers = self._nodes
        return column.tolist(), start.tolist(), pointers.tolist(), self.right.tobytes()

    def of(self, numbers: Ints, row: Ints, root: Ints) -> Ints:
        """Return the cell of each row of numbers (operation last) in the tree with some root."""
        column, start, pointers = self._nodes
        pointer = root.astype(np.int64)
        found = ~pointer
        active = (pointer >= 0).nonzero()[0]
        node, row = pointer[active], row[active]
        flat, begin = numbers.ravel(), row * numbers.shape[1]
        while len(active) > _FEW:
            value = flat.take(begin + column.take(node))
            node = pointers.take(2 * node + self.right.take(start.take(node) + value))
            going = (node >= 0).nonzero()[0]
            if len(going) < len(active):
                found[active] = ~node  # those that go on are written again later
                active, node, begin = active[going], node[going], begin[going]
        for at, *alone in zip(active.tolist(), node.tolist(), begin.tolist(), strict=True):
            found[at] = self._cell(flat, *alone)
        return found

    def _cell(self, numbers: Ints, node: int, begin: int) -> int:
        """Return the cell of one row of numbers, which begins there, from a node on."""
        column, start, pointers, right = self._plain_nodes
        while node >= 0:
            node = pointers[2 * node + right[start[node] + numbers.item(begin + column[node])]]
        return ~node

    def to_parts(self) -> dict[str, Any]:
        """Return plain arrays."""
        return {
            "columns": self.columns,
            "ranged": self.ranged,
            "values": list(self.values),
            "node_column": self.node_column,
            "node_start": self.node_start,
            "node_next": self.node_next,
            "right": self.right[2 * STEP :],
        }

    @classmethod
    def from_parts(cls, parts: dict[str, Any]) -> "Cells":
        """Read what to_parts wrote."""
        return cls(**(parts | {"values": tuple(parts["values"]), "right": np.concatenate([step(), parts["right"]])}))


def step() -> Flags:
    """Return what nodes that ask for ranges share: from STEP - threshold on, true for numbers from the threshold on."""
    return np.arange(2 * STEP) >= STEP
