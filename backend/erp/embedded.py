"""The embedded plant, data/plant.db: replaced whole, and it remembers which profile it was filled for."""

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy.engine import URL

from backend._connection_pool import EMBEDDED_PLANT, unavailable, uses_embedded_plant
from backend.errors import DatabaseUnavailableError
from backend.settings import Settings

_TABLE: Final = "routing_ml_plant"


def active_profile_name(settings: Settings) -> str:
    """Return the profile to read by: what an import noted in the embedded plant, else plant.profile.

    Only the embedded plant is asked; a configured database is read by plant.profile.
    """
    if not uses_embedded_plant(settings):
        return settings.config.plant.profile
    return read_notes(settings.plant_database_path).get("profile", settings.config.plant.profile)


def is_elsewhere(settings: Settings, plant_name: str | None) -> bool:
    """Tell whether a plant is the embedded one and another is configured now, or the reverse; None: not known.

    Two configured databases count as the same plant: a server may get another name or address.
    """
    return plant_name is not None and (plant_name == EMBEDDED_PLANT) != uses_embedded_plant(settings)


def read_notes(database: Path) -> dict[str, str]:
    """Return what is noted in an embedded plant; nothing if the file or the notes are absent.

    Raises DatabaseUnavailableError where the file is damaged or locked.
    """
    if not database.is_file():
        return {}
    with _reading(database) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (_TABLE,)).fetchone():
            return {}
        return dict(connection.execute(f"SELECT key, value FROM {_TABLE}"))  # noqa: S608 - a constant


def is_empty(database: Path) -> bool:
    """Tell whether an embedded plant is absent or holds no table yet; raises DatabaseUnavailableError."""
    if not database.is_file():
        return True
    with _reading(database) as connection:
        return connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is None


@contextmanager
def _reading(database: Path) -> Iterator[sqlite3.Connection]:
    try:
        with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True, timeout=5)) as connection:
            yield connection
    except sqlite3.Error as error:
        raise unavailable(URL.create("sqlite", database=str(database)), error) from error


def write_notes(connection: sqlite3.Connection, notes: Mapping[str, str]) -> None:
    """Note facts (profile, imported_at …) in an embedded plant that is being filled."""
    connection.execute(f"CREATE TABLE IF NOT EXISTS {_TABLE} (key TEXT PRIMARY KEY, value TEXT NOT NULL)")
    connection.executemany(f"INSERT OR REPLACE INTO {_TABLE} VALUES (?, ?)", notes.items())  # noqa: S608 - a constant


@contextmanager
def replacing_plant(database: Path) -> Iterator[sqlite3.Connection]:
    """Build a plant aside and put it in place whole when the block ends; an error changes nothing.

    Whoever reads the old file goes on reading it. What an old journal holds belongs to the old file
    and would damage the new one, so it goes too.
    """
    database.parent.mkdir(parents=True, exist_ok=True)
    building = database.with_name(f"{database.name}.{os.getpid()}.importing")
    building.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(building, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode=OFF")  # nobody else sees the file before it is whole
            connection.execute("PRAGMA synchronous=OFF")
            yield connection
        _put_in_place(building, database)
    finally:
        building.unlink(missing_ok=True)


def _put_in_place(building: Path, database: Path) -> None:
    with building.open("rb+") as file:
        os.fsync(file.fileno())
    try:
        for journal in ("-wal", "-shm", "-journal"):
            database.with_name(database.name + journal).unlink(missing_ok=True)
        building.replace(database)
    except PermissionError as error:  # Windows, while another process has the file open
        raise DatabaseUnavailableError(str(database), str(error), "Stop the server and repeat") from error
