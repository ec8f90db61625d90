"""Reads the configured plant: whole, or the rows of given item codes."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

import polars as pl
from sqlalchemy import Connection, Engine, Select, select

from backend._connection_pool import LOOKUP_SECONDS, connect, plant_engine, uses_embedded_plant, within
from backend.domain.plant import Attribute, PlantData
from backend.domain.progress import ProgressReport, no_progress
from backend.erp.batches import open_plant, read_batches, read_rows
from backend.erp.embedded import active_profile_name
from backend.erp.item_rows import AttributePlan, clean_items, plan_attributes, unlisted_columns
from backend.erp.operation_rows import OperationRows
from backend.erp.profile import TABLES, PlantProfile, load_profile
from backend.erp.quarantine import Quarantine
from backend.erp.queries import column_of, containing, finished_since, read_columns, table_query, with_codes
from backend.settings import Settings, find_profile_dir

logger = logging.getLogger(__name__)
ResultT = TypeVar("ResultT")

_SAMPLE_ROWS: Final = 20_000
_KEYS: Final = {
    "items": ("item_code",),
    "routings": ("item_code", "routing_code", "sequence", "operation_code", "valid_from"),
    "work_orders": ("work_order_code", "item_code", "sequence", "operation_code"),
}
_SHARES: Final = {"items": (0.0, 0.15), "routings": (0.15, 0.4), "work_orders": (0.4, 1.0)}


@dataclass(frozen=True)
class _Layout:
    """What was learnt about one state of the plant: profile, columns, attributes."""

    fingerprint: tuple[Any, ...]
    profile: PlantProfile
    columns: dict[str, tuple[str, ...]]
    plan: AttributePlan


class PlantReader:
    """Reads the plant that the settings name; safe to share between threads, holds no connection.

    Every method raises DatabaseUnavailableError where the database cannot be used and ProfileError
    where the profile does not fit it.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._layout: _Layout | None = None

    @property
    def profile(self) -> PlantProfile:
        """The profile that is read by now; an import into the embedded plant changes it."""
        name = active_profile_name(self._settings)
        if self._layout is not None and self._layout.profile.name == name:
            return self._layout.profile
        return load_profile(find_profile_dir(self._settings.root, name))

    @property
    def attributes(self) -> tuple[Attribute, ...]:
        """The item attributes, listed in the profile or inferred."""
        return self._known_layout().plan.attributes

    def check(self) -> None:
        """Return if the database answers; raise DatabaseUnavailableError within five seconds if not."""
        connect(self._engine).close()

    def read_plant(self, report: ProgressReport = no_progress, *, since: datetime | None = None) -> PlantData:
        """Read all items and routings, and the work orders, open or finished since a moment (naive UTC)."""
        layout, quarantine = self._known_layout(), Quarantine()
        rows_read = dict.fromkeys(TABLES, 0)

        def table(name: str, clean: Callable[[pl.DataFrame], pl.DataFrame]) -> pl.DataFrame:
            batches = _counted(self._batches(layout, name, since), name, rows_read, report)
            return _distinct(_cleaned(clean, batches, layout.columns[name]), name, quarantine)

        items = table("items", lambda batch: clean_items(batch, layout.plan, layout.profile.rules, quarantine))
        rows = OperationRows(layout.profile.rules, quarantine, items["item_code"])
        routings = table("routings", rows.routings)
        work_orders = table("work_orders", rows.work_orders)
        report(1.0, "plant read")
        _log_quarantine(quarantine)
        return PlantData(items, routings, work_orders, layout.plan.attributes, rows_read, quarantine.rows)

    def read_items(self, codes: Sequence[str]) -> pl.DataFrame:
        """Return the known ones of these items, with the columns of PlantData.items."""
        layout, quarantine = self._known_layout(), Quarantine()

        def clean(batch: pl.DataFrame) -> pl.DataFrame:
            return clean_items(batch, layout.plan, layout.profile.rules, quarantine)

        frames = _cleaned(clean, self._lookup(layout, "items", codes), layout.columns["items"])
        return _distinct(frames, "items", quarantine)

    def read_routings(self, codes: Sequence[str]) -> pl.DataFrame:
        """Return the trusted standard routings of these items, with ROUTING_SCHEMA."""
        layout, quarantine = self._known_layout(), Quarantine()
        clean = OperationRows(layout.profile.rules, quarantine).routings
        frames = _cleaned(clean, self._lookup(layout, "routings", codes), layout.columns["routings"])
        return _distinct(frames, "routings", quarantine)

    def search_items(self, text: str, limit: int) -> list[dict[str, Any]]:
        """Return items whose code or search columns contain the text, by code; columns as PlantData.items."""
        layout = self._known_layout()
        statement, source = table_query(self._engine, layout.profile, "items", layout.columns["items"])
        names = ("item_code", *layout.profile.rules.search_columns)
        found = statement.where(containing(source, names, text)).order_by(column_of(source, "item_code")).limit(limit)
        raw = self._small(layout.profile, lambda connection: read_rows(connection, found))
        return clean_items(raw, layout.plan, layout.profile.rules, Quarantine()).to_dicts()

    @property
    def _engine(self) -> Engine:
        return plant_engine(self._settings)

    def _batches(self, layout: _Layout, table: str, since: datetime | None) -> Iterator[pl.DataFrame]:
        statement, source = table_query(self._engine, layout.profile, table, layout.columns[table])
        if since is not None and table == "work_orders":
            local = since.replace(tzinfo=UTC).astimezone(ZoneInfo(layout.profile.rules.time_zone)).replace(tzinfo=None)
            statement = finished_since(self._engine, statement, source, local)
        return read_batches(self._engine, statement, layout.profile.rules.schemas)

    def _lookup(self, layout: _Layout, table: str, codes: Sequence[str]) -> list[pl.DataFrame]:
        statement, source = table_query(self._engine, layout.profile, table, layout.columns[table])
        chunks: list[Select[Any]] = list(with_codes(statement, source, codes))
        return self._small(layout.profile, lambda connection: [read_rows(connection, chunk) for chunk in chunks])

    def _small(self, profile: PlantProfile, query: Callable[[Connection], ResultT]) -> ResultT:
        """Run a small query; give up in time on a database that says nothing."""

        def run() -> ResultT:
            with open_plant(self._engine, profile.rules.schemas) as connection:
                return query(connection)

        return within(LOOKUP_SECONDS, self._engine, run)

    def _known_layout(self) -> _Layout:
        """Return columns and attributes; asked again when the embedded plant's file has changed."""
        fingerprint = self._fingerprint()
        if self._layout is None or self._layout.fingerprint != fingerprint:
            self._layout = self._learn_layout(fingerprint)
        return self._layout

    def _learn_layout(self, fingerprint: tuple[Any, ...]) -> _Layout:
        profile = load_profile(find_profile_dir(self._settings.root, active_profile_name(self._settings)))

        def learn(connection: Connection) -> _Layout:
            columns = {table: read_columns(connection, profile, table) for table in TABLES}
            sample = self._sample(connection, profile, columns["items"])
            return _Layout(fingerprint, profile, columns, plan_attributes(profile, columns["items"], sample))

        return self._small(profile, learn)

    def _sample(self, connection: Connection, profile: PlantProfile, columns: Sequence[str]) -> pl.DataFrame:
        unlisted = unlisted_columns(profile, columns)
        if not unlisted:
            return pl.DataFrame()
        _, source = table_query(self._engine, profile, "items", columns)
        return read_rows(connection, select(*(column_of(source, name) for name in unlisted)).limit(_SAMPLE_ROWS))

    def _fingerprint(self) -> tuple[Any, ...]:
        path = self._settings.plant_database_path
        if not uses_embedded_plant(self._settings) or not path.is_file():
            return ()
        stat = path.stat()
        return (stat.st_mtime_ns, stat.st_size, stat.st_ino)


def _counted(
    batches: Iterator[pl.DataFrame], table: str, rows_read: dict[str, int], report: ProgressReport
) -> Iterator[pl.DataFrame]:
    """Count the rows that pass and report; how many will come nobody knows, so the share creeps."""
    start, end = _SHARES[table]
    report(start, f"reading {table}")
    for batch in batches:
        rows_read[table] += len(batch)
        share = rows_read[table] / (rows_read[table] + 500_000)
        report(start + (end - start) * share, f"reading {table}: {rows_read[table]:,} rows")
        yield batch


def _distinct(frames: list[pl.DataFrame], table: str, quarantine: Quarantine) -> pl.DataFrame:
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


def _cleaned(
    clean: Callable[[pl.DataFrame], pl.DataFrame], batches: Iterable[pl.DataFrame], columns: Sequence[str]
) -> list[pl.DataFrame]:
    """Clean every batch; of no batches make one empty frame, so that the columns are right."""
    return [clean(batch) for batch in batches] or [clean(pl.DataFrame(schema=dict.fromkeys(columns, pl.String)))]


def _log_quarantine(quarantine: Quarantine) -> None:
    for count in quarantine.rows:
        logger.warning("%s: %d rows set aside: %s", count.table, count.rows, count.reason)
    for count in quarantine.values:
        logger.warning("%s: %d values left out: %s", count.table, count.rows, count.reason)
