"""The items a model knows, compactly: codes, encoded attributes, families, usual lots."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from backend.ml.common.arrays import Floats, Ints, smallest_ints
from backend.ml.common.string_table import StringTable
from backend.ml.common.tokens import text_code
from backend.ml.items.encoding import Column, ItemEncoder, ItemTable, encode_values
from backend.ml.items.item_store import StoredColumn, StoredColumns


@dataclass(frozen=True, slots=True)
class KnownItems:
    """One entry per item, ordered by item code."""

    codes: StringTable
    columns: StoredColumns
    """The encoded attributes; the item codes, the last of an ItemTable's columns, are encoded when asked for."""
    code_column: Column
    family: Ints
    usual_quantity: Floats
    """Median lot per item (NaN: never made), and the plant's as the last entry."""

    @classmethod
    def of(
        cls, codes: StringTable, encoder: ItemEncoder, table: ItemTable, family: Ints, usual_quantity: Floats
    ) -> "KnownItems":
        """Store items; `table` holds what `encoder` made of them."""
        columns = StoredColumns(map(StoredColumn.of, table.values[:-1], table.tokens[:-1]))
        return cls(codes, columns, encoder.columns[-1], smallest_ints(family), usual_quantity)

    def find(self, code: str | None) -> int:
        """Return the item's number, or -1."""
        return self.codes.find(code) if code else -1

    def lot(self, item: int) -> tuple[float, bool]:
        """Return the usual lot of an item and whether it is its own; otherwise it is the plant's."""
        own = float(self.usual_quantity[item]) if item >= 0 else float("nan")
        return (own, True) if own == own else (float(self.usual_quantity[-1]), False)  # noqa: PLR0124 - NaN test

    def take(self, items: Ints) -> ItemTable:
        """Return some items as they were encoded, in the order asked for."""
        values, tokens = self.columns.take(items)
        code_values, code_tokens = encode_values(self.codes.take(items), self.code_column)
        return ItemTable((*values, code_values), (*tokens, code_tokens))

    def values_of(self, items: Ints, *, with_codes: bool) -> list[npt.NDArray[Any]]:
        """Return the values of an ItemTable's columns for some items; without codes, these are as if missing."""
        codes = np.zeros(len(items), np.uint32)
        if with_codes:
            codes = np.fromiter(map(text_code, self.codes.take(items)), np.uint32, len(items))
        return [*self.columns.values_of(items), codes]

    def to_parts(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "codes": self.codes.to_parts(),
            "columns": [column.to_parts() for column in self.columns.each],
            "family": smallest_ints(self.family),
            "usual_quantity": self.usual_quantity,
        }

    @classmethod
    def from_parts(cls, parts: dict[str, Any], encoder: ItemEncoder) -> "KnownItems":
        """Read what to_parts wrote; `encoder` is the one that encoded the items."""
        columns = StoredColumns(map(StoredColumn.from_parts, parts["columns"]))
        codes = StringTable.from_parts(parts["codes"])
        return cls(codes, columns, encoder.columns[-1], parts["family"], parts["usual_quantity"])
