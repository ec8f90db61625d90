"""Brings the state database to the schema of this release, whoever comes first."""

from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, inspect, text

from backend.settings import SOURCE_ROOT, Settings
from backend.state.database import open_state_engine, reading, state_url

HEAD: Final = "0007"
"""The newest step in migrations/versions; known here so that a process at head need not load Alembic."""

_ADVISORY_LOCK: Final = 7_265_811_402
"""An arbitrary number that all processes of this product agree on."""


def migrate_state(settings: Settings) -> bool:
    """Run the missing steps of migrations/ on the state database; returns whether there were any.

    Safe when several processes start at once: the check is repeated under SQLite's write lock
    (BEGIN IMMEDIATE) or PostgreSQL's advisory lock, and all steps are one transaction.
    """
    url = state_url(settings)
    if url.get_backend_name() == "sqlite":
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        _make_private(url.database)
    engine = open_state_engine(url)
    try:
        return not is_at_head(engine) and _upgrade(engine)
    finally:
        engine.dispose()


def _make_private(database: str | None) -> None:
    """Make a new database file one that only its owner may read (on POSIX): it holds hashes of passwords."""
    if database and database != ":memory:":
        Path(database).touch(mode=0o600, exist_ok=True)


def is_at_head(engine: Engine) -> bool:
    """Tell whether the state database has the schema of this release."""
    with reading(engine) as connection:
        return _revision(connection) == HEAD


def _upgrade(engine: Engine) -> bool:
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        if _revision(connection) == HEAD:
            return False
        _run_alembic(connection)
    return True


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _run_alembic(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - a server at head must not pay for its memory
    from alembic.config import Config  # noqa: PLC0415

    config: Any = Config()
    config.set_main_option("script_location", (SOURCE_ROOT / "migrations").as_posix())
    config.attributes["connection"] = connection
    command.upgrade(config, HEAD)
