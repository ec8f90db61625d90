"""The plant's database: its URL, engine and connections; the only module that knows drivers."""

import logging
import re
import sqlite3
import threading
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine, NullPool, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from backend.errors import DatabaseMisfitError, DatabaseUnavailableError, SettingError
from backend.settings import Environment, Settings, load_settings

logger = logging.getLogger(__name__)
ResultT = TypeVar("ResultT")

EMBEDDED_PLANT: Final = "data/plant.db"
"""What the embedded plant is called in a model's record."""
LOGIN_TIMEOUT_SECONDS: Final = 4
CHECK_SECONDS: Final = 4.5
LOOKUP_SECONDS: Final = 10.0

_DEFAULT_DRIVERS: Final = {
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "mssql": "mssql+mssqlpython",
}
_POSTGRESQL_OPTIONS: Final = {
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
    "client_encoding": "UTF8",
}
"""Seconds, and milliseconds: a host that is gone is noticed while we wait for its rows, which libpq does not for hours.

Text arrives in UTF-8 whatever the database keeps it in: the Arrow driver knows nothing else. The URL may say otherwise.
"""
_LOGIN_TIMEOUT_ARGUMENTS: Final = {
    "psycopg": {"connect_timeout": LOGIN_TIMEOUT_SECONDS},
    "mssqlpython": {"timeout": LOGIN_TIMEOUT_SECONDS},
    "pyodbc": {"timeout": LOGIN_TIMEOUT_SECONDS},
}
_INSTALL: Final = {
    "mssqlpython": 'pip install -e ".[mssql]" (mssql-python, Microsoft\'s licence, brings its own driver)',
    "pyodbc": 'pip install -e ".[pyodbc]", and install the ODBC driver named in DATABASE_DRIVER',
}
_SQL_SERVER_LIBRARIES: Final = "apt-get install libltdl7 libkrb5-3 libgssapi-krb5-2 (what mssql-python's driver needs)"

_MISFITS: Final = (
    (r"no such table|UndefinedTable|relation .* does not exist|Invalid object name|42S02",
     "Fill the embedded plant with 'routing-ml demo' or 'routing-ml import', "
     "or check DATABASE_NAME and plant.profile in config/iter_training.yaml"),
    (r"no such column|UndefinedColumn|column .* does not exist|Invalid column name|42S22",
     "The profile's SQL names a column this database lacks: adapt config/plants/<profile>/*.sql"),
    (r"operator does not exist: (text|character varying) >= timestamp|converting date and/or time",
     "finished_at must be a date: CAST it in the profile's work_orders.sql (docs/plant-profiles.md, section 2)"),
    (r"syntax error|syntax near|(division|divide) by zero|invalid input syntax|(function|operator)\b.* does not exist|"
     r"no such function|Conversion failed|Error converting",
     "The profile's SQL fails on this database: adapt config/plants/<profile>/*.sql"),
)  # fmt: skip
_FAULTS: Final = (
    (r"not a database|malformed", "The file is damaged or no SQLite database: move it aside and import again"),
    (r"Kerberos", "Windows sign-in from Linux needs a Kerberos ticket: run kinit, or set DATABASE_USER and "
     "DATABASE_PASSWORD in .env"),
    (r"certificate verify failed|SSL Provider|self.signed", "The server's certificate is not trusted: set "
     "DATABASE_TRUST_SERVER_CERTIFICATE=yes or DATABASE_ENCRYPT=no in .env"),
    (r"Failed to load the driver|libltdl|libodbc", _SQL_SERVER_LIBRARIES),
    (r"Login failed|password authentication failed|28000|28P01", "Check DATABASE_USER, DATABASE_PASSWORD and "
     "DATABASE_TRUSTED_CONNECTION in .env"),
    (r"Cannot open database|database .* does not exist|4060", "Check DATABASE_NAME in .env"),
    (r"0x2AF9|translate host name|Name or service not known|resolve host|getaddrinfo",
     "The host name is not known here: check DATABASE_SERVER in .env ('ping' it)"),
    (r"closed the connection|reset by peer|broken pipe|consuming input failed|connection (was )?(lost|closed)|"
     r"terminating connection|EOF detected",
     "The server or the network broke the connection off: look at the server's log, then repeat"),
    (r"0x2749|refused|time.?out|no answer|unreachable|08001|HYT00",
     "Check that the server runs and that a firewall lets its port through"),
)  # fmt: skip
_STATEMENT: Final = re.compile(r"(Failed to (?:execute query|\w+)) '.*?'(?: failed)?: ?", re.DOTALL)
"""What the Arrow driver puts before the cause: many lines of SQL."""
_OTHERWISE: Final = "Check the DATABASE_ keys in .env; 'python scripts/test_db_connection.py' tries the connection"


def plant_url(settings: Settings) -> URL:
    """Return the plant's database: DATABASE_URL, else DATABASE_SERVER, else the embedded SQLite file."""
    env = settings.env
    if env.DATABASE_URL:
        return _configured_url(env.DATABASE_URL)
    if env.DATABASE_SERVER:
        return _sql_server_url(env)
    return URL.create("sqlite", database=str(settings.plant_database_path))


def uses_embedded_plant(settings: Settings) -> bool:
    """Tell whether no database is configured, so that data/plant.db is the plant."""
    return not (settings.env.DATABASE_URL or settings.env.DATABASE_SERVER)


def plant_name(settings: Settings) -> str:
    """Return what the plant is called in a model's record: neither user nor password, nor this machine's folder."""
    if uses_embedded_plant(settings):
        return EMBEDDED_PLANT
    url = plant_url(settings)
    return shown_name(URL.create(url.drivername, host=url.host, port=url.port, database=url.database))


def plant_engine(settings: Settings) -> Engine:
    """Return the engine of the configured plant, one per URL and process.

    Raises DatabaseUnavailableError where the driver's package is not installed.
    """
    return _engine(plant_url(settings))


def get_connection() -> Connection:
    """Return a live connection to the configured plant, proven by a trivial query.

    Raises DatabaseUnavailableError with cause and remedy, at the latest after five seconds.
    """
    return connect(plant_engine(load_settings()))


def connect(engine: Engine, within_seconds: float = CHECK_SECONDS) -> Connection:
    """Open a connection and prove it by a trivial query, or raise DatabaseUnavailableError in time."""

    def open_and_prove() -> Connection:
        connection = engine.connect()
        probe = "SELECT count(*) FROM sqlite_master" if engine.dialect.name == "sqlite" else "SELECT 1"
        connection.exec_driver_sql(probe).scalar()
        return connection

    return within(within_seconds, engine, open_and_prove)


def within(seconds: float, engine: Engine, call: Callable[[], ResultT]) -> ResultT:
    """Return what the call returns, or raise DatabaseUnavailableError when it fails or takes too long.

    The call runs in a daemon thread, because no driver can be trusted to give up on a host that
    accepts a connection and then says nothing.
    """
    results: list[ResultT] = []
    failures: list[Exception] = []

    def run() -> None:
        try:
            results.append(call())
        except Exception as error:  # noqa: BLE001 - handed over to the waiting thread, which raises it
            failures.append(error)

    thread = threading.Thread(target=run, name="plant-database", daemon=True)
    thread.start()
    thread.join(seconds)
    if results:
        return results[0]
    if failures:
        raise unavailable(engine.url, failures[0]) from failures[0]
    # The hung connection keeps its place in the pool; with a few of them a database that is back would not be reached.
    threading.Thread(target=engine.dispose, name="plant-database-pool", daemon=True).start()
    raise unavailable(engine.url, TimeoutError(f"no answer within {seconds:g} s"))


def unavailable(url: URL, error: Exception) -> DatabaseUnavailableError:
    """Turn a driver's error into ours, with the remedy that its message suggests."""
    if isinstance(error, DatabaseUnavailableError):
        return error
    cause = str(getattr(error, "orig", None) or error).strip()
    first_line = _STATEMENT.sub(r"\1: ", cause).splitlines()[0] if cause else type(error).__name__
    if misfit := _remedy(_MISFITS, cause):
        return DatabaseMisfitError(shown_name(url), first_line.rstrip("."), misfit)
    return DatabaseUnavailableError(shown_name(url), first_line.rstrip("."), _remedy(_FAULTS, cause) or _OTHERWISE)


def _remedy(remedies: tuple[tuple[str, str], ...], cause: str) -> str | None:
    return next((remedy for pattern, remedy in remedies if re.search(pattern, cause, re.IGNORECASE)), None)


def shown_name(url: URL) -> str:
    """Return the database's name for messages: never with a password."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    return url.set(query={}).render_as_string(hide_password=True)


@lru_cache(maxsize=16)
def _engine(url: URL) -> Engine:
    options: dict[str, Any] = {"connect_args": dict(_LOGIN_TIMEOUT_ARGUMENTS.get(url.get_driver_name(), {}))}
    if url.get_backend_name() == "sqlite":
        # An import replaces the file's content; a pooled connection would keep its old caches and locks.
        options["poolclass"] = NullPool
        Path(url.database or "").parent.mkdir(parents=True, exist_ok=True)
    else:
        options["pool_pre_ping"] = True
    if url.get_driver_name() == "psycopg":
        url = url.update_query_dict(_POSTGRESQL_OPTIONS | dict(url.query))
    try:
        engine = create_engine(url, **options)
    except (ImportError, NoSuchModuleError) as error:
        remedy = _INSTALL.get(url.get_driver_name(), "Install the driver's package, or name another in DATABASE_URL")
        cause = f"the driver {url.get_driver_name()!r} is not installed ({error})"
        raise DatabaseUnavailableError(shown_name(url), cause, remedy) from error
    except SQLAlchemyError as error:
        raise unavailable(url, error) from error
    if url.get_backend_name() == "sqlite":
        event.listen(engine, "connect", lambda connection, _: add_concat(connection))
    return engine


def add_concat(connection: sqlite3.Connection) -> None:
    """Let SQL for PostgreSQL and SQL Server join texts here too: SQLite has CONCAT only from 3.44 on."""
    connection.create_function("concat", -1, _concat, deterministic=True)


def _concat(*parts: str | float | None) -> str:
    return "".join(str(part) for part in parts if part is not None)


def _configured_url(text: str) -> URL:
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:
        raise SettingError(
            ".env", "DATABASE_URL", "***", "an SQLAlchemy URL, dialect+driver://user@host/name"
        ) from error
    return url.set(drivername=_DEFAULT_DRIVERS.get(url.drivername, url.drivername))


def _sql_server_url(env: Environment) -> URL:
    query = {"Encrypt": "yes" if _encrypts(env) else "no"}
    if env.DATABASE_TRUST_SERVER_CERTIFICATE:
        query["TrustServerCertificate"] = "yes"
    if env.DATABASE_USER is None and env.DATABASE_TRUSTED_CONNECTION:
        query["Trusted_Connection"] = "yes"
    driver_name = _usable_odbc_driver(env.DATABASE_DRIVER)
    return URL.create(
        "mssql+pyodbc" if driver_name else "mssql+mssqlpython",
        username=env.DATABASE_USER,
        password=env.DATABASE_PASSWORD,
        host=env.DATABASE_SERVER,
        database=env.DATABASE_NAME,
        query=query | ({"driver": driver_name} if driver_name else {}),
    )


def _encrypts(env: Environment) -> bool:
    """Follow the .env; else the habit of the driver it names: only 18 and later encrypt unasked."""
    if env.DATABASE_ENCRYPT is not None:
        return env.DATABASE_ENCRYPT
    if env.DATABASE_DRIVER is None:
        return True
    number = re.search(r"ODBC Driver (\d+)", env.DATABASE_DRIVER)
    return number is not None and int(number[1]) >= 18


@lru_cache(maxsize=8)
def _usable_odbc_driver(wanted: str | None) -> str | None:
    """Return the ODBC driver named in the .env if it is installed, else None, which is logged once."""
    if wanted is None:
        return None
    try:
        import pyodbc  # noqa: PLC0415 - optional; needs libodbc, which many machines lack

        installed = pyodbc.drivers()
    except ImportError:
        installed = []
    if wanted in installed:
        return wanted
    logger.info("DATABASE_DRIVER=%s is not installed here; mssql-python with its own driver is used instead", wanted)
    return None
