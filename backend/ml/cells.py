"""Cells of items: per operation, the items that one family's habits send to one and the same step."""

from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Final

import numpy as np

from backend.ml.arrays import Flags, Ints, offsets_of

_CODE_BITS: Final = 33
"""Codes are below: the largest are hashes of 32 bits."""


@dataclass(frozen=True)
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
        keys, begins = self._keys
        if not len(keys):
            return np.zeros((codes.shape[1], len(self.columns)), np.int16)
        asked = codes[self.columns] + self._first_keys
        place = np.minimum(keys.searchsorted(asked), len(keys) - 1)
        return np.asarray(((place - begins + 1) * (keys[place] == asked)).astype(np.int16).T)

    @cached_property
    def _first_keys(self) -> Ints:
        return np.arange(len(self.columns))[:, None] << _CODE_BITS

    @cached_property
    def _keys(self) -> tuple[Ints, Ints]:
        """All known codes in one sorted array, those of each used column raised above the last one's, and its begin."""
        raised = [known.astype(np.int64) + (at << _CODE_BITS) for at, known in enumerate(self.values)]
        begins = offsets_of(np.array([len(known) for known in self.values], dtype=np.int64))[:-1, None]
        return np.concatenate([np.zeros(0, np.int64), *raised]), begins

    def of(self, numbers: Ints, row: Ints, operation: Ints) -> Ints:
        """Return the cell of each (row of numbers, operation) pair."""
        pointer = self.root[operation].astype(np.int64)
        found = ~pointer
        active = (pointer >= 0).nonzero()[0]
        node, row = pointer[active], row[active]
        while len(active):
            value = numbers[row, self.node_column[node]]
            node = self.node_next[node, self.right[self.node_start[node] + value].view(np.int8)]
            going = (node >= 0).nonzero()[0]
            if len(going) < len(active):
                found[active] = ~node  # those that go on are written again later
                active, node, row = active[going], node[going], row[going]
        return found

    def to_parts(self) -> dict[str, Any]:
        """Return plain arrays."""
        return {each.name: getattr(self, each.name) for each in fields(self)} | {"values": list(self.values)}

    @classmethod
    def from_parts(cls, parts: dict[str, Any]) -> "Cells":
        """Read what to_parts wrote."""
        return cls(**(parts | {"values": tuple(parts["values"])}))
