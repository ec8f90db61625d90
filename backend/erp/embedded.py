"""The embedded plant (data/plant.db) remembers which profile it was filled for."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Final

from backend._connection_pool import uses_embedded_plant
from backend.settings import Settings

_TABLE: Final = "routing_ml_plant"


def active_profile_name(settings: Settings) -> str:
    """Return the profile to read by: what an import noted in the embedded plant, else plant.profile.

    Only the embedded plant is asked; a configured database is read by plant.profile.
    """
    if not uses_embedded_plant(settings):
        return settings.config.plant.profile
    return read_notes(settings.plant_database_path).get("profile", settings.config.plant.profile)


def read_notes(database: Path) -> dict[str, str]:
    """Return what is noted in an embedded plant; nothing if the file or the notes are absent."""
    if not database.is_file():
        return {}
    with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True, timeout=5)) as connection:
        try:
            return dict(connection.execute(f"SELECT key, value FROM {_TABLE}"))  # noqa: S608 - a constant
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):
                return {}
            raise


def write_notes(connection: sqlite3.Connection, notes: Mapping[str, str]) -> None:
    """Note facts (profile, imported_at …) in an embedded plant that is being filled."""
    connection.execute(f"CREATE TABLE IF NOT EXISTS {_TABLE} (key TEXT PRIMARY KEY, value TEXT NOT NULL)")
    connection.executemany(f"INSERT OR REPLACE INTO {_TABLE} VALUES (?, ?)", notes.items())  # noqa: S608 - a constant
