"""Many strings in one byte buffer: a third of the memory of Python strings, and nothing to unpickle."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Any, Final, overload

import numpy as np

from backend.ml.common.arrays import Ints, offsets_of, row_lengths

_MARKED: Final = 64


class StringTable(Sequence[str]):
    """An immutable sequence of strings; find() needs them sorted."""

    __slots__ = ("_data", "_last", "_marks", "_offsets")

    def __init__(self, data: bytes, offsets: Ints) -> None:
        self._data = data
        self._offsets = offsets
        self._marks: list[bytes] = []
        """Every 64th string, once one was looked for: most of a search happens among them."""
        self._last: tuple[str, int] | None = None
        """What was looked for last, and what find() said: of an item is asked whether it is known, then which it is."""

    @classmethod
    def of(cls, strings: Iterable[str]) -> "StringTable":
        """Pack strings in the given order."""
        encoded = [text.encode("utf-8", "replace") for text in strings]
        lengths = np.fromiter(map(len, encoded), dtype=np.int64, count=len(encoded))
        return cls(b"".join(encoded), offsets_of(lengths).astype(np.int32))

    @classmethod
    def from_parts(cls, parts: dict[str, Any]) -> "StringTable":
        """Read what to_parts wrote."""
        return cls(parts["data"], offsets_of(parts["lengths"]).astype(np.int32))

    def to_parts(self) -> dict[str, Any]:
        """Return plain bytes and an array."""
        return {"data": self._data, "lengths": row_lengths(self._offsets)}

    def __len__(self) -> int:
        return len(self._offsets) - 1

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return self.take(np.arange(len(self))[index])
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        index %= len(self)
        return self._data[self._offsets[index] : self._offsets[index + 1]].decode()

    def take(self, rows: Ints) -> list[str]:
        """Return some strings, in the order asked for."""
        begins, ends = self._offsets[rows].tolist(), self._offsets[rows + 1].tolist()
        return [self._data[a:b].decode() for a, b in zip(begins, ends, strict=True)]

    def find(self, text: str) -> int:
        """Return the position of a string in a sorted table, or -1."""
        last = self._last  # read once: another thread may look for something else meanwhile
        if last is None or last[0] != text:
            last = self._last = text, self._search(text)
        return last[1]

    def _search(self, text: str) -> int:
        wanted = text.encode("utf-8", "surrogatepass")  # bytes of UTF-8 are ordered as the characters are
        data, offset = self._data, self._offsets.item
        if not self._marks:
            self._marks = [data[offset(at) : offset(at + 1)] for at in range(0, len(self), _MARKED)]
        low = max(bisect_right(self._marks, wanted) - 1, 0) * _MARKED
        high = min(low + _MARKED, len(self))
        while low < high:
            middle = (low + high) // 2
            if data[offset(middle) : offset(middle + 1)] < wanted:
                low = middle + 1
            else:
                high = middle
        return low if low < len(self) and data[offset(low) : offset(low + 1)] == wanted else -1
