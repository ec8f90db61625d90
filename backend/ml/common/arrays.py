"""Array types and rows of unequal length."""

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from backend.domain.records import record

Floats: TypeAlias = npt.NDArray[Any]
Ints: TypeAlias = npt.NDArray[Any]
Flags: TypeAlias = npt.NDArray[Any]
"""Say what an array holds; its width (float16 to float64, int8 to int64) is chosen where it is made."""


def product_by_row(rows: Floats, matrix: Floats) -> Floats:
    """Return rows @ matrix, each row's result the same to the last bit whatever rows are multiplied with it.

    One product of all rows may add in another order for ten rows than for one, so that the same item would get
    another last digit when it is asked for in company, and ties another order.
    """
    return np.asarray(np.matmul(rows[:, None, :], matrix)[:, 0])


@record
class Ragged:
    """Rows of unequal length in one flat array: row i is values[offsets[i]:offsets[i + 1]]."""

    offsets: Ints
    values: npt.NDArray[Any]

    @classmethod
    def from_rows(cls, row_of_value: Ints, values: npt.NDArray[Any], rows: int) -> "Ragged":
        """Build from values that are already ordered by the row they belong to."""
        counts = np.bincount(row_of_value, minlength=rows) if len(row_of_value) else np.zeros(rows, np.int64)
        return cls(offsets_of(counts), values)

    @classmethod
    def from_parts(cls, parts: dict[str, Any]) -> "Ragged":
        """Read what to_parts wrote."""
        return cls(offsets_of(parts["lengths"]).astype(np.int32), parts["values"])

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, row: int) -> npt.NDArray[Any]:
        return self.values[self.offsets[row] : self.offsets[row + 1]]

    def lengths(self) -> Ints:
        """Return how many values each row has."""
        lengths: Ints = self.offsets[1:] - self.offsets[:-1]  # a fifth of what np.diff takes for a few rows
        return lengths

    def positions(self, rows: Ints) -> tuple[Ints, Ints]:
        """Return new offsets and the flat positions of the values of some rows, in their order."""
        if len(rows) == 1:
            begin, end = self._ends(rows[0])
            return np.array([0, end - begin]), np.arange(begin, end)
        starts = self.offsets[rows]
        lengths = self.offsets[rows + 1] - starts
        offsets = offsets_of(lengths)
        flat = (starts - offsets[:-1]).repeat(lengths)
        flat += np.arange(len(flat))
        return offsets, flat

    def _ends(self, row: int) -> tuple[int, int]:
        return self.offsets.item(row), self.offsets.item(row + 1)

    def take(self, rows: Ints) -> "Ragged":
        """Return some rows, in the order asked for; a single one shares its values with this."""
        if len(rows) == 1:  # what a request for one item asks for over and over
            begin, end = self._ends(rows[0])
            return Ragged(np.array([0, end - begin]), self.values[begin:end])
        offsets, flat = self.positions(rows)
        return Ragged(offsets, self.values[flat])

    def span(self, start: int, end: int) -> "Ragged":
        """Return neighbouring rows, which share their values with this."""
        begin, last = self.offsets.item(start), self.offsets.item(end)
        return Ragged(self.offsets[start : end + 1] - begin, self.values[begin:last])

    def row_of_values(self) -> Ints:
        """Return the row number of every value."""
        if len(self.offsets) == 2:  # one row
            return np.zeros(len(self.values), dtype=np.int64)
        return np.arange(len(self)).repeat(self.lengths())

    def to_parts(self) -> dict[str, Any]:
        """Return plain arrays."""
        return {"lengths": row_lengths(self.offsets), "values": self.values}


def offsets_of(lengths: Ints) -> npt.NDArray[np.int64]:
    """Return where rows of these lengths begin and end."""
    offsets = np.zeros(len(lengths) + 1, dtype=np.int64)
    if len(lengths) == 1:  # of the rows of a request for one item
        offsets[1] = lengths[0]
    else:
        np.add.accumulate(lengths, out=offsets[1:])  # half of what cumsum takes for a few rows
    return offsets


def run_starts(ordered: Ints) -> Ints:
    """Return where in a sorted array each distinct value begins."""
    differs = np.empty(len(ordered), dtype=bool)
    differs[:1] = True
    np.not_equal(ordered[1:], ordered[:-1], out=differs[1:])
    return differs.nonzero()[0]


def numbered_runs(ordered: Ints) -> tuple[Ints, Ints, Ints]:
    """Return what np.unique says of a sorted array: the distinct values, which of them each is, and their counts."""
    first = run_starts(ordered)
    counts = np.diff(first, append=len(ordered))
    return ordered[first], np.arange(len(first)).repeat(counts), counts


def occurrences(key: Ints) -> Ints:
    """Return how often the value of each entry came before.

    >>> occurrences(np.array([7, 3, 7, 7])).tolist()
    [0, 0, 1, 2]
    """
    order = np.argsort(key, kind="stable")
    starts = run_starts(key[order])
    counts = np.empty(len(key), dtype=np.int32)
    counts[order] = np.arange(len(key)) - starts.repeat(np.diff(starts, append=len(key)))
    return counts


def merged(one: Ints, other: Ints) -> Ints:
    """Return the distinct values of two sorted arrays, sorted; np.union1d does not use that they are."""
    both = np.concatenate([one, other])
    both.sort(kind="stable")  # timsort finds the two runs
    return np.asarray(both[run_starts(both)])


def distinct(values: Ints) -> Ints:
    """Return the distinct values, sorted; quicker than np.unique for a few dozen."""
    ordered = values.copy()
    ordered.sort()  # half of what np.sort takes for a few dozen
    return np.asarray(ordered[run_starts(ordered)])


def strongest(row: Ints, strength: Floats, count: int) -> Ints:
    """Return where the strongest of each row stand, row by row; of equal ones those that come first.

    `row` is ascending; at most `count` are kept of each.
    """
    order = np.lexsort((-strength, row))
    return np.asarray(order[np.arange(len(order)) - row.searchsorted(row) < count])


def places_among(ordered: Ints, asked: Ints) -> tuple[Ints, Flags]:
    """Return where values stand in a sorted array of at least one, and whether they are there.

    What is above all of it stands behind its end: what goes with the places is to be taken with mode="clip", which
    costs less than to keep them inside.
    """
    place = ordered.searchsorted(asked)
    found: Flags = ordered.take(place, mode="clip") == asked
    return place, found


def sums_of(values: Floats, group: Ints, groups: int) -> Floats:
    """Return the sum of the values (last axis) of each group, added up in their order."""
    if values.ndim == 1:
        return np.bincount(group, weights=values, minlength=groups)
    return np.array([np.bincount(group, weights=row, minlength=groups) for row in values])


def row_lengths(offsets: Ints) -> Ints:
    """Return the lengths of rows, in the narrowest unsigned type that holds them."""
    lengths = np.diff(offsets)
    return lengths.astype(np.min_scalar_type(int(lengths.max(initial=0))))


def smallest_ints(values: Ints) -> Ints:
    """Return the same whole numbers in the narrowest signed type that holds them."""
    top = int(values.max(initial=0))
    for kind in (np.int8, np.int16, np.int32):
        if top <= np.iinfo(kind).max:
            return values.astype(kind)
    return values
