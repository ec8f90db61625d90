"""Reads the configured plant: whole, or the rows of given item codes."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

import polars as pl
from sqlalchemy import Connection, Engine, Select, select

from backend._connection_pool import LOOKUP_SECONDS, connect, plant_engine, uses_embedded_plant, within
from backend.domain.plant import ROUTING_SCHEMA, Attribute, PlantData
from backend.domain.progress import ProgressReport, no_progress
from backend.erp.batches import open_plant, read_rows
from backend.erp.bulk_reading import BulkRead, cleaned, distinct
from backend.erp.embedded import active_profile_name
from backend.erp.item_rows import SAMPLE_ROWS, AttributePlan, clean_items, plan_attributes, unlisted_columns
from backend.erp.operation_rows import OperationRows
from backend.erp.profile import TABLES, PlantProfile, load_profile
from backend.erp.quarantine import Quarantine
from backend.erp.queries import column_of, containing, read_columns, table_query, with_codes
from backend.settings import Settings, find_profile_dir

logger = logging.getLogger(__name__)
ResultT = TypeVar("ResultT")
_CONNECTING: Final = "connecting to the plant's database"


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

    def __init__(self, settings: Settings, lookup_seconds: float = LOOKUP_SECONDS) -> None:
        self._settings = settings
        self._lookup_seconds = lookup_seconds
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

    @property
    def inferred_attributes(self) -> dict[str, str]:
        """What each column of items.sql that profile.yaml does not list is read as, and why."""
        return self._known_layout().plan.inferred

    def check(self) -> None:
        """Return if the database answers; raise DatabaseUnavailableError within five seconds if not."""
        connect(self._engine).close()

    def read_plant(self, report: ProgressReport = no_progress) -> PlantData:
        """Read all items, ordered by code, and all routings and work orders."""
        report(0.0, _CONNECTING)
        layout = self._known_layout()
        read = BulkRead(self._engine, layout.profile, layout.columns, report)

        def clean(batch: pl.DataFrame) -> pl.DataFrame:
            return clean_items(batch, layout.plan, layout.profile.rules, read.quarantine)

        items = read.table("items", clean).sort("item_code")
        rows = OperationRows(layout.profile.rules, read.quarantine, items["item_code"])
        routings = read.table("routings", rows.routings)
        return _plant(layout, read, (items, routings, read.table("work_orders", rows.work_orders)))

    def read_work_orders_since(self, moment: datetime, report: ProgressReport = no_progress) -> PlantData:
        """Read the work-order rows that are open or were finished after a moment (naive UTC), and no other table.

        Item codes are not checked against the items, and a lot that was begun before lacks its older rows.
        """
        report(0.0, _CONNECTING)
        layout = self._known_layout()
        read = BulkRead(self._engine, layout.profile, layout.columns, report, since=moment)
        found = read.table("work_orders", OperationRows(layout.profile.rules, read.quarantine).work_orders)
        newer = found.filter(pl.col("finished_at").is_null() | (pl.col("finished_at") > moment))
        return _plant(
            layout, read, (pl.DataFrame(schema={"item_code": pl.String}), pl.DataFrame(schema=ROUTING_SCHEMA), newer)
        )

    def read_items(self, codes: Sequence[str]) -> pl.DataFrame:
        """Return the known ones of these items, with the columns of PlantData.items."""
        layout, quarantine = self._known_layout(), Quarantine()

        def clean(batch: pl.DataFrame) -> pl.DataFrame:
            return clean_items(batch, layout.plan, layout.profile.rules, quarantine)

        frames = cleaned(clean, self._lookup(layout, "items", codes), layout.columns["items"])
        return distinct(frames, "items", quarantine)

    def read_routings(self, codes: Sequence[str], quarantine: Quarantine | None = None) -> pl.DataFrame:
        """Return the trusted standard routings of these items, with ROUTING_SCHEMA; other rows are counted."""
        layout, quarantine = self._known_layout(), quarantine or Quarantine()
        clean = OperationRows(layout.profile.rules, quarantine).routings
        frames = cleaned(clean, self._lookup(layout, "routings", codes), layout.columns["routings"])
        return distinct(frames, "routings", quarantine)

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

    def _lookup(self, layout: _Layout, table: str, codes: Sequence[str]) -> list[pl.DataFrame]:
        statement, source = table_query(self._engine, layout.profile, table, layout.columns[table])
        chunks: list[Select[Any]] = list(with_codes(statement, source, codes))
        return self._small(layout.profile, lambda connection: [read_rows(connection, chunk) for chunk in chunks])

    def _small(self, profile: PlantProfile, query: Callable[[Connection], ResultT]) -> ResultT:
        """Run a small query; give up in time on a database that says nothing."""

        def run() -> ResultT:
            with open_plant(self._engine, profile.rules.schemas) as connection:
                return query(connection)

        return within(self._lookup_seconds, self._engine, run)

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
        return read_rows(connection, select(*(column_of(source, name) for name in unlisted)).limit(SAMPLE_ROWS))

    def _fingerprint(self) -> tuple[Any, ...]:
        path = self._settings.plant_database_path
        if not uses_embedded_plant(self._settings) or not path.is_file():
            return ()
        stat = path.stat()
        return (stat.st_mtime_ns, stat.st_size, stat.st_ino)


def _plant(layout: _Layout, read: BulkRead, tables: tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]) -> PlantData:
    read.report(1.0, "plant read")
    _log_quarantine(read.quarantine)
    return PlantData(*tables, layout.plan.attributes, read.rows_read, read.quarantine.rows, read.quarantine.values)


def _log_quarantine(quarantine: Quarantine) -> None:
    for count in quarantine.rows:
        logger.warning("%s: %d rows set aside: %s", count.table, count.rows, count.reason)
    for count in quarantine.values:
        logger.warning("%s: %d values left out: %s", count.table, count.rows, count.reason)
