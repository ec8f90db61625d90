"""Means per segment with standard errors that respect items, in several windows of time at once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from backend.domain.trigger import Level
from backend.ml.arrays import Floats, Ints


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


@dataclass(frozen=True, slots=True)
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

    def counts(self, values: Floats) -> Floats:
        """Return how many values there are, of which NaN is none, by window and segment."""
        return self._by_window((~np.isnan(values[self.order])).astype(np.float64))

    def levels(self, values: Floats) -> LevelTable:
        """Return the levels of values, of which NaN is none, in every window.

        The operations of one item err together, so deviations are summed within an item and segment first. Sums of
        squares grow row by row, so that one pass serves all windows.
        """
        value, is_known = values[self.order], ~np.isnan(values[self.order])
        known = is_known.astype(np.float64)
        total, rows = self._grown(np.where(is_known, value, 0.0)), self._grown(known)
        count, clusters, sums, squares, products, sizes = (
            self._by_window(grown)
            for grown in (
                known,
                known * (rows.after == 1),
                total.after - total.before,
                total.after**2 - total.before**2,
                total.after * rows.after - total.before * rows.before,
                rows.after**2 - rows.before**2,
            )
        )
        means = sums / np.maximum(count, 1)
        spread = np.maximum(squares - 2 * means * products + means**2 * sizes, 0)
        errors = np.sqrt(spread * clusters / np.maximum(clusters - 1, 1)) / np.maximum(count, 1)
        return LevelTable(self.names, count, clusters, means, errors)

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
