"""One bulk read of the plant: batches cleaned as they come, counted, and freed of repeated rows."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
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
        """Return the trusted rows of one table, the first of each key."""
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
    """Join the batches, keep the first row of each key, and count the others as duplicates."""
    keys = pl.struct(*_KEYS[table]).hash()
    hashes = pl.concat([frame.select(keys).to_series() for frame in frames])
    if hashes.n_unique() < len(hashes):
        first = hashes.is_first_distinct()
        offset = 0
        for index, frame in enumerate(frames):
            is_copy = ~first.slice(offset, len(frame))
            offset += len(frame)
            frames[index] = quarantine.sift(table, frame, [(f"duplicate {' + '.join(_KEYS[table])}", is_copy)])
    return pl.concat(frames)
