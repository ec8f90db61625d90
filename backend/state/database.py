"""The engine of the state database: SQLite in WAL mode by default, PostgreSQL when configured."""

from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.engine import URL

from backend.settings import Settings

BUSY_TIMEOUT_SECONDS = 30


def state_url(settings: Settings) -> URL:
    """Return STATE_DATABASE_URL, or the SQLite file data/state.db below the project root."""
    if settings.env.STATE_DATABASE_URL:
        return make_url(settings.env.STATE_DATABASE_URL)
    return URL.create("sqlite", database=str(settings.data_dir / "state.db"))


def open_state_engine(url: URL) -> Engine:
    """Open an engine whose SQLite transactions take the write lock at once (BEGIN IMMEDIATE).

    Without it two writers can both read, both try to upgrade, and one dies with "database is
    locked" whatever the busy timeout says.
    """
    if url.get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True)
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_SECONDS})
    event.listen(engine, "connect", _prepare_sqlite_connection)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def _prepare_sqlite_connection(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # SQLAlchemy's "begin" event starts the transactions
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()
