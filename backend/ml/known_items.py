"""The items a model knows, compactly: codes, encoded attributes, families, usual lots."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from backend.ml.arrays import Floats, Ints, Ragged, smallest_ints
from backend.ml.encoding import ItemTable
from backend.ml.string_table import StringTable


@dataclass(frozen=True, slots=True)
class KnownItems:
    """One entry per item, ordered by item code."""

    codes: StringTable
    table: ItemTable
    family: Ints
    usual_quantity: Floats
    """Median lot per item (NaN: never made), and the plant's as the last entry."""

    def find(self, code: str | None) -> int:
        """Return the item's number, or -1."""
        return self.codes.find(code) if code else -1

    def lot(self, item: int) -> tuple[float, bool]:
        """Return the usual lot of an item and whether it is its own; otherwise it is the plant's."""
        own = float(self.usual_quantity[item]) if item >= 0 else float("nan")
        return (own, True) if own == own else (float(self.usual_quantity[-1]), False)  # noqa: PLR0124 - NaN test

    def to_parts(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "codes": self.codes.to_parts(),
            "values": [_narrow(column) for column in self.table.values],
            "tokens": [ragged.to_parts() if ragged else None for ragged in self.table.tokens],
            "family": smallest_ints(self.family),
            "usual_quantity": self.usual_quantity,
        }

    @classmethod
    def from_parts(cls, parts: dict[str, Any]) -> "KnownItems":
        """Read what to_parts wrote."""
        tokens: Sequence[dict[str, Any] | None] = parts["tokens"]
        table = ItemTable(tuple(parts["values"]), tuple(Ragged.from_parts(t) if t else None for t in tokens))
        return cls(StringTable.from_parts(parts["codes"]), table, parts["family"], parts["usual_quantity"])


def _narrow(column: np.ndarray[Any, np.dtype[Any]]) -> np.ndarray[Any, np.dtype[Any]]:
    return smallest_ints(column) if column.dtype == np.int32 else column
