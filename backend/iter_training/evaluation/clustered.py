"""Means per segment with standard errors that respect items, in several windows of time at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from backend.domain.trigger import Level
from backend.ml.common.arrays import Floats, Ints


@dataclass(frozen=True, slots=True)
class Codes:
    """A column of names as numbers."""

    names: pl.Series
    rows: Ints
    """The place of each row's name; -1 where it has none."""

    @classmethod
    def of(cls, column: pl.Series) -> "Codes":
        """Return a column as numbers, in the order of its names; an Enum has them already."""
        kind = column.dtype
        if not isinstance(kind, pl.Enum):
            texts = column.cast(pl.String)
            kind = pl.Enum(texts.drop_nulls().unique().sort())
            column = texts.cast(kind)
        return cls(kind.categories, column.to_physical().cast(pl.Int64).fill_null(-1).to_numpy())

    @classmethod
    def one(cls, count: int) -> "Codes":
        """Return the same nameless segment for all rows."""
        return cls(pl.Series([""]), np.zeros(count, np.int64))


def numbered(items: pl.Series) -> Ints:
    """Return a number per item; numbers are taken as they are."""
    return items.to_numpy() if items.dtype.is_integer() else Codes.of(items).rows


@dataclass(frozen=True, slots=True)
class Windows:
    """The narrowest of several windows that each row is in."""

    rows: Ints
    count: int
    """A row with this number is in none."""

    @classmethod
    def of(cls, ages: Floats, windows: Sequence[float]) -> "Windows":
        """Place rows by their age; the windows are ascending."""
        return cls(np.searchsorted(windows, ages, side="right"), len(windows))

    @classmethod
    def single(cls, rows: int) -> "Windows":
        """Return one window that has all rows."""
        return cls(np.zeros(rows, np.int64), 1)


@dataclass(frozen=True, slots=True)
class LevelTable:
    """Levels by window (row) and segment (column); the mean of nothing is 0."""

    names: list[str]
    counts: Floats
    clusters: Floats
    means: Floats
    errors: Floats

    def level(self, window: int, segment: int) -> Level:
        """Return one of the levels."""
        at = window, segment
        return Level(int(self.counts[at]), int(self.clusters[at]), float(self.means[at]), float(self.errors[at]))

    def levels(self, window: int, least: int = 1) -> Iterator[tuple[str, Level]]:
        """Return the name and the level of each segment that has enough operations in a window."""
        for place in np.flatnonzero(self.counts[window] >= least).tolist():
            yield self.names[place], self.level(window, place)


@dataclass(frozen=True)
class Partition:
    """Rows by segment, item and window, in this order; those without a segment or too old are left out."""

    names: list[str]
    """Of the segments that have rows."""
    windows: int
    order: Ints
    first: Ints
    """Per row in order, where the rows of its item in its segment begin."""
    cell: Ints
    """Per row in order, the number of its segment and window."""

    @classmethod
    def of(cls, items: Ints, segments: Codes, windows: Windows) -> "Partition":
        """Part rows that are in a window."""
        kept = np.flatnonzero((segments.rows >= 0) & (windows.rows < windows.count))
        item, segment, window = items[kept], segments.rows[kept], windows.rows[kept]
        pair = segment * (item.max(initial=0) + 1) + item
        # the row's own number in the key: sorting numbers is several times as fast as sorting places
        place = np.sort((pair * windows.count + window) * kept.size + np.arange(kept.size)) % max(kept.size, 1)
        pair, segment = pair[place], segment[place]
        is_first, is_next = (np.diff(ordered, prepend=-1) != 0 for ordered in (pair, segment))
        first = np.maximum.accumulate(np.where(is_first, np.arange(kept.size), 0))
        cell = (np.cumsum(is_next) - 1) * windows.count + window[place]
        names = segments.names.gather(segment[is_next]).to_list()
        return cls(names, windows.count, kept[place], first, cell)

    def levels(self, values: Floats) -> LevelTable:
        """Return the levels of values, of which NaN is none, in every window.

        The operations of one item err together, so deviations are summed within an item and segment first. Sums of
        squares grow row by row, so that one pass serves all windows.
        """
        value = values[self.order]
        is_known = ~np.isnan(value)
        rows = self._all_rows if is_known.all() else self._row_sums(is_known.astype(np.float64))
        total = self._grown(np.where(is_known, value, 0.0))
        sums = self._by_window(total.after - total.before)
        squares = self._by_window(total.after**2 - total.before**2)
        products = self._by_window(total.after * rows.grown.after - total.before * rows.grown.before)
        count, clusters = rows.counts, rows.clusters
        means = sums / np.maximum(count, 1)
        spread = np.maximum(squares - 2 * means * products + means**2 * rows.squares, 0)
        errors = np.sqrt(spread * clusters / np.maximum(clusters - 1, 1)) / np.maximum(count, 1)
        return LevelTable(self.names, count, clusters, means, errors)

    @cached_property
    def _all_rows(self) -> "_RowSums":
        return self._row_sums(np.ones(self.order.size))

    def _row_sums(self, known: Floats) -> "_RowSums":
        grown = self._grown(known)
        parts = known, known * (grown.after == 1), grown.after**2 - grown.before**2
        return _RowSums(grown, *(self._by_window(part) for part in parts))

    def _grown(self, values: Floats) -> "_Grown":
        ends = np.concatenate(([0.0], np.cumsum(values)))
        begun = ends[self.first]
        return _Grown(ends[:-1] - begun, ends[1:] - begun)

    def _by_window(self, parts: Floats) -> Floats:
        sums = np.bincount(self.cell, parts, len(self.names) * self.windows)
        return sums.reshape(-1, self.windows).cumsum(axis=1).T


@dataclass(frozen=True, slots=True)
class _Grown:
    """What the rows of an item in a segment have come to, before and after each."""

    before: Floats
    after: Floats


@dataclass(frozen=True, slots=True)
class _RowSums:
    """Numbers of rows, the same for all measures that every row has."""

    grown: _Grown
    counts: Floats
    clusters: Floats
    squares: Floats
    """Of the rows per item."""
