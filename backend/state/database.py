"""The engine of the state database: SQLite in WAL mode by default, PostgreSQL when configured."""

import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from backend.errors import SettingError
from backend.settings import Settings

EMBEDDED_STATE = "data/state.db"
BUSY_TIMEOUT_SECONDS = 30
_POSTGRESQL_PATIENCE = {
    "connect_timeout": "5",
    "tcp_user_timeout": "10000",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
}
"""Seconds for a connection, and milliseconds for an open one's other end to be silent; libpq waits for minutes, and
for hours where it has asked and waits for the answer of a host that is gone.

Each request asks who sends it, and requests that wait take the threads from those that predict.
"""
_READS_ONLY = "routing_ml_reads_only"


def state_url(settings: Settings) -> URL:
    """Return STATE_DATABASE_URL, or the SQLite file data/state.db below the project root.

    Raises SettingError where it is no URL of SQLite or PostgreSQL, or its driver is not installed.
    """
    if not settings.env.STATE_DATABASE_URL:
        return URL.create("sqlite", database=str(settings.data_dir / "state.db"))
    try:
        url = make_url(settings.env.STATE_DATABASE_URL)
        url.get_dialect().import_dbapi()
    except (ArgumentError, NoSuchModuleError, ImportError, ValueError) as error:
        raise _refused_url() from error
    if url.get_backend_name() not in {"sqlite", "postgresql"}:
        raise _refused_url()
    return url


def shown_state_name(settings: Settings) -> str:
    """Return what the state database is called: neither user nor password, nor this machine's folder."""
    if not settings.env.STATE_DATABASE_URL:
        return EMBEDDED_STATE
    url = state_url(settings)
    if url.get_backend_name() == "sqlite":
        return Path(url.database or "").name
    named = URL.create(url.drivername, host=url.host, port=url.port, database=url.database)
    return named.render_as_string(hide_password=True)


def _refused_url() -> SettingError:
    return SettingError(".env", "STATE_DATABASE_URL", "***", "postgresql+psycopg://user:password@host/name")


def open_state_engine(url: URL) -> Engine:
    """Open an engine whose SQLite transactions take the write lock at once (BEGIN IMMEDIATE).

    Without it two writers can both read, both try to upgrade, and one dies with "database is
    locked" whatever the busy timeout says. Errors do not repeat the values of their statement: they are
    logged, logs are shown to operators, and among the values are the hashes of passwords.
    """
    if url.get_backend_name() != "sqlite":
        patient = url.update_query_dict(_POSTGRESQL_PATIENCE | dict(url.query))
        return create_engine(patient, pool_pre_ping=True, hide_parameters=True)
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_SECONDS}, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite_connection)
    event.listen(engine, "begin", _begin_sqlite_transaction)
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that only reads, and so never waits for a writer on SQLite."""
    with engine.connect().execution_options(**{_READS_ONLY: True}) as connection:
        yield connection


def needs_unixepoch() -> bool:
    """Tell whether DBOS asks this SQLite for a function that it does not have.

    On Python 3.12 and later DBOS calls unixepoch('subsec'), new in SQLite 3.42; Debian 12 has 3.40.
    """
    return sys.version_info >= (3, 12) and sqlite3.sqlite_version_info < (3, 42)


def register_unixepoch(connection: Any) -> None:
    """Give a raw SQLite connection the unixepoch('subsec') of SQLite 3.42."""
    connection.create_function("unixepoch", 1, lambda modifier: time.time() if modifier == "subsec" else None)


def _begin_sqlite_transaction(connection: Connection) -> None:
    reads_only = connection.get_execution_options().get(_READS_ONLY, False)
    connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")


def _prepare_sqlite_connection(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # SQLAlchemy's "begin" event starts the transactions
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()
    if needs_unixepoch():
        register_unixepoch(connection)
