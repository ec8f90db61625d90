"""Comparable codes of known items, read a few at a time: what an asked item is compared with."""

import numpy as np

from backend.ml.common.arrays import Ints, smallest_ints
from backend.ml.items.encoding import MISSING, UNSEEN, ItemEncoder
from backend.ml.items.item_store import StoredColumns


class ItemCodes:
    """The code columns (see ItemEncoder.code_columns) of known items, without the item code itself."""

    def __init__(self, encoder: ItemEncoder, columns: StoredColumns) -> None:
        self._encoder = encoder
        self._columns = columns
        self._blocks = [(np.array(own), block) for own, block in columns.blocks]
        self._of_place = [
            (number, smallest_ints(encoder.codes_of(number, column.values)))
            for number, column in enumerate(columns.each)
            if column.place is not None
        ]
        """Columns whose distinct values are kept once, and the code of each of these."""

    def of(self, items: Ints) -> Ints:
        """Return (item, column) codes of some items."""
        codes = np.empty((len(items), len(self._columns.each)), np.int64)
        for own, block in self._blocks:
            found = block.take(items, axis=0)
            if block.dtype.kind == "f":
                for number, values in zip(own, found.T, strict=True):
                    codes[:, number] = self._encoder.columns[number].edges.searchsorted(values)
                codes[:, own] = np.where(np.isnan(found), MISSING, codes[:, own] + UNSEEN)
            else:
                codes[:, own] = found
        for number, of_place in self._of_place:
            codes[:, number] = of_place[codes[:, number]]
        return codes
