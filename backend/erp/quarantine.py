"""Rows that cannot be trusted: set aside, counted by reason, never silently lost."""

from collections import Counter
from collections.abc import Iterable

import polars as pl

from backend.domain.plant import QuarantineCount


class Quarantine:
    """Counts what one read of the plant set aside or left out."""

    def __init__(self) -> None:
        self._rows: Counter[tuple[str, str]] = Counter()
        self._values: Counter[tuple[str, str]] = Counter()

    def sift(self, table: str, frame: pl.DataFrame, checks: Iterable[tuple[str, pl.Series]]) -> pl.DataFrame:
        """Return the rows that no check marks; each other row is counted under its first reason."""
        bad = pl.repeat(value=False, n=len(frame), dtype=pl.Boolean, eager=True)
        for reason, marked in checks:
            caught = marked.fill_null(value=False) & ~bad
            self._count(self._rows, table, reason, caught)
            bad = bad | caught
        return frame.filter(~bad) if bad.any() else frame

    def leave_out(self, table: str, reason: str, marked: pl.Series) -> None:
        """Count values that became null in rows that stay."""
        self._count(self._values, table, reason, marked.fill_null(value=False))

    @property
    def rows(self) -> tuple[QuarantineCount, ...]:
        """Rows set aside, most frequent reason first."""
        return _counts(self._rows)

    @property
    def values(self) -> tuple[QuarantineCount, ...]:
        """Values left out of rows that stay, most frequent reason first."""
        return _counts(self._values)

    @staticmethod
    def _count(counter: Counter[tuple[str, str]], table: str, reason: str, marked: pl.Series) -> None:
        if number := int(marked.sum()):
            counter[table, reason] += number


class NamingQuarantine(Quarantine):
    """Also counts whose rows were set aside; for reads of few items."""

    def __init__(self) -> None:
        super().__init__()
        self.rows_by_item: Counter[str] = Counter()

    def sift(self, table: str, frame: pl.DataFrame, checks: Iterable[tuple[str, pl.Series]]) -> pl.DataFrame:
        """Do the same, and note the items of the rows that go."""
        kept = super().sift(table, frame, checks)
        self.rows_by_item.update(frame["item_code"].drop_nulls())
        self.rows_by_item.subtract(kept["item_code"])
        return kept


def _counts(counter: Counter[tuple[str, str]]) -> tuple[QuarantineCount, ...]:
    return tuple(QuarantineCount(table, reason, rows) for (table, reason), rows in counter.most_common())
