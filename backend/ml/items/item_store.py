"""Encoded attributes of all items of a plant, in little memory: of a column, each distinct value is kept once."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.ml.common.arrays import Ints, Ragged


@dataclass(frozen=True, slots=True)
class StoredColumn:
    """One column of an ItemTable. What stands for it is per item, or per distinct value where that is smaller."""

    place: Ints | None
    """Per item which of the distinct values is its own; None where every item has an entry of its own."""
    values: npt.NDArray[Any]
    tokens: Ragged | None

    @classmethod
    def of(cls, values: npt.NDArray[Any], tokens: Ragged | None) -> "StoredColumn":
        """Store a column whose codes, if it holds codes, are not negative."""
        if values.dtype.kind == "i":
            return cls(None, values.astype(np.min_scalar_type(int(values.max(initial=0)))), tokens)
        first, place = _distinct(values, tokens)
        place = place.astype(np.min_scalar_type(max(len(first) - 1, 0)))
        several = cls(place, values[first], tokens.take(first) if tokens else None)
        alone = cls(None, values, tokens)
        return several if several.nbytes < alone.nbytes else alone

    @property
    def per_item(self) -> npt.NDArray[Any]:
        """Return what there is one of per item: its value, or the place of that."""
        return self.values if self.place is None else self.place

    def with_per_item(self, same: npt.NDArray[Any]) -> "StoredColumn":
        """Return the column with the same held elsewhere."""
        if self.place is None:
            return StoredColumn(None, same, self.tokens)
        return StoredColumn(same, self.values, self.tokens)

    @property
    def nbytes(self) -> int:
        """Return how much memory it takes."""
        arrays = [self.values] + ([] if self.place is None else [self.place])
        arrays += [self.tokens.offsets, self.tokens.values] if self.tokens else []
        return sum(array.nbytes for array in arrays)

    def values_of(self, items: Ints) -> npt.NDArray[Any]:
        """Return the values of some items."""
        return self.values[items if self.place is None else self.place[items]]

    def to_parts(self) -> dict[str, Any]:
        """Return plain values."""
        tokens = self.tokens.to_parts() if self.tokens else None
        place = None if self.place is None else np.ascontiguousarray(self.place)
        return {"place": place, "values": np.ascontiguousarray(self.values), "tokens": tokens}

    @classmethod
    def from_parts(cls, parts: dict[str, Any]) -> "StoredColumn":
        """Read what to_parts wrote."""
        return cls(parts["place"], parts["values"], Ragged.from_parts(parts["tokens"]) if parts["tokens"] else None)


class StoredColumns:
    """The columns of an ItemTable; what they hold per item, be it a value or its place, lies side by side.

    So a few items are read in one go per width of number.
    """

    def __init__(self, columns: Iterable[StoredColumn]) -> None:
        self.each = list(columns)
        alike: dict[str, list[int]] = {}
        for number, column in enumerate(self.each):
            alike.setdefault(column.per_item.dtype.str, []).append(number)
        self.blocks = [(own, np.stack([self.each[i].per_item for i in own], axis=1)) for own in alike.values()]
        """Numbers of columns, and what they hold per item: (item, column)."""
        self._order = np.argsort([*chain(*alike.values())]).tolist()
        """Where each column stands among those of all blocks."""
        for own, block in self.blocks:
            for number, column in zip(own, block.T, strict=True):
                self.each[number] = self.each[number].with_per_item(column)  # so that it is kept once
        self._placed = [(i, column.values) for i, column in enumerate(self.each) if column.place is not None]
        texts = ((i, column.tokens, column.place is not None) for i, column in enumerate(self.each))
        self._texts = [(i, tokens, placed) for i, tokens, placed in texts if tokens is not None]

    def values_of(self, items: Ints) -> list[npt.NDArray[Any]]:
        """Return the values of some items, column by column."""
        return self._values(self._per_item(items))

    def take(self, items: Ints) -> tuple[list[npt.NDArray[Any]], list[Ragged | None]]:
        """Return values and tokens of some items, column by column."""
        numbers = self._per_item(items)
        tokens: list[Ragged | None] = [None] * len(self.each)
        for i, own, placed in self._texts:
            tokens[i] = own.take(numbers[i] if placed else items)
        return self._values(numbers), tokens

    def _per_item(self, items: Ints) -> list[npt.NDArray[Any]]:
        numbers = [column for _, block in self.blocks for column in block.take(items, axis=0).T]
        return [numbers[i] for i in self._order]

    def _values(self, numbers: list[npt.NDArray[Any]]) -> list[npt.NDArray[Any]]:
        values = numbers.copy()
        for i, distinct in self._placed:
            values[i] = distinct[numbers[i]]
        return values


def _distinct(values: npt.NDArray[Any], tokens: Ragged | None) -> tuple[Ints, Ints]:
    """Return where each distinct value (to the bit, with its tokens) comes first, and which of them each item has."""
    bits = values.view(f"u{values.itemsize}")
    if tokens is None:
        _, first, place = np.unique(bits, return_index=True, return_inverse=True)
        return first, place
    numbers: dict[tuple[int, bytes], int] = {}
    words, ends = np.ascontiguousarray(tokens.values), tokens.offsets.tolist()
    rows = zip(bits.tolist(), ends[:-1], ends[1:], strict=True)
    place = np.array([numbers.setdefault((code, words[a:b].tobytes()), len(numbers)) for code, a, b in rows], np.int64)
    first = np.zeros(len(numbers), np.int64)
    first[place[::-1]] = np.arange(len(place))[::-1]
    return first, place
