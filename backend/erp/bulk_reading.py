"""One bulk read of the plant: batches cleaned as they come, counted, and freed of repeated rows."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import accumulate
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl
from sqlalchemy import Engine

from backend.domain.progress import ProgressReport
from backend.erp.batches import read_batches
from backend.erp.profile import TABLES, PlantProfile
from backend.erp.quarantine import Quarantine
from backend.erp.queries import finished_since, table_query

Clean = Callable[[pl.DataFrame], pl.DataFrame]
"""Makes canonical rows of a raw batch."""
_KEYS: Final = {
    "items": ("item_code",),
    "routings": ("item_code", "routing_code", "sequence", "operation_code", "valid_from"),
    "work_orders": ("work_order_code", "item_code", "sequence", "operation_code"),
}
_SHARES: Final = {"items": (0.0, 0.15), "routings": (0.15, 0.4), "work_orders": (0.4, 1.0)}


@dataclass(frozen=True)
class BulkRead:
    """Reads whole canonical tables; `since` (naive UTC) leaves out work orders finished well before it."""

    engine: Engine
    profile: PlantProfile
    columns: dict[str, tuple[str, ...]]
    report: ProgressReport
    since: datetime | None = None
    quarantine: Quarantine = field(default_factory=Quarantine)
    rows_read: dict[str, int] = field(default_factory=lambda: dict.fromkeys(TABLES, 0))

    def table(self, name: str, clean: Clean) -> pl.DataFrame:
        """Return the trusted rows of one table, one of each key."""
        return distinct(cleaned(clean, self._counted(name), self.columns[name]), name, self.quarantine)

    def _batches(self, table: str) -> Iterator[pl.DataFrame]:
        statement, source = table_query(self.engine, self.profile, table, self.columns[table])
        if self.since is not None and table == "work_orders":
            zone = ZoneInfo(self.profile.rules.time_zone)
            local = self.since.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
            statement = finished_since(self.engine, self.profile, statement, source, local)
        return read_batches(self.engine, statement, self.profile.rules.schemas)

    def _counted(self, table: str) -> Iterator[pl.DataFrame]:
        """Count the rows that pass and report; how many will come nobody knows, so the share creeps."""
        start, end = _SHARES[table]
        self.report(start, f"reading {table}")
        for batch in self._batches(table):
            self.rows_read[table] += len(batch)
            rows = self.rows_read[table]
            self.report(start + (end - start) * rows / (rows + 500_000), f"reading {table}: {rows:,} rows")
            yield batch


def cleaned(clean: Clean, batches: Iterable[pl.DataFrame], columns: Sequence[str]) -> list[pl.DataFrame]:
    """Clean every batch; of no batches make one empty frame, so that the columns are right."""
    return [clean(batch) for batch in batches] or [clean(pl.DataFrame(schema=dict.fromkeys(columns, pl.String)))]


def distinct(frames: list[pl.DataFrame], table: str, quarantine: Quarantine) -> pl.DataFrame:
    """Join the batches, keep one row of each key, and count the others as duplicates."""
    keys = pl.struct(*_KEYS[table]).hash()
    hashes = pl.concat([frame.select(keys).to_series() for frame in frames])
    if hashes.n_unique() < len(hashes):
        for index, is_copy in enumerate(_copies(frames, hashes)):
            found = (f"duplicate {' + '.join(_KEYS[table])}", is_copy)
            frames[index] = quarantine.sift(table, frames[index], [found])
    return pl.concat(frames)


def _copies(frames: Sequence[pl.DataFrame], keys: pl.Series) -> list[pl.Series]:
    """Tell for each batch which rows to leave out.

    Of rows with one key that differ, the one that stays is chosen by what they hold, not by their order, which a
    database may change from one read to the next: the same data make the same model.
    """
    repeated = keys.is_duplicated()
    parts = _like(frames, repeated)
    held = [frame.filter(part).select(pl.struct(pl.all()).hash()) for frame, part in zip(frames, parts, strict=True)]
    rows = pl.concat(held).to_series().rename("held").to_frame()
    rows = rows.with_columns(key=keys.filter(repeated), place=repeated.arg_true()).sort("key", "held")
    kept = rows.unique("key", keep="first", maintain_order=True)["place"]
    return _like(frames, repeated.scatter(kept, values=False))


def _like(frames: Sequence[pl.DataFrame], flags: pl.Series) -> list[pl.Series]:
    """Cut flags of all rows into those of each batch."""
    ends = accumulate(map(len, frames))
    return [flags.slice(end - len(frame), len(frame)) for frame, end in zip(frames, ends, strict=True)]
