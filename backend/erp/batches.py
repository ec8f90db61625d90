"""Bulk reads: the rows of one statement as Polars frames, from Arrow wherever the driver gives it."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from importlib import import_module
from typing import Any, Final, TypeAlias

import polars as pl
from sqlalchemy import Connection, Engine, Select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.exc import SQLAlchemyError

from backend._connection_pool import LOGIN_TIMEOUT_SECONDS, connect, unavailable
from backend.erp.attended import attended

Batches: TypeAlias = Generator[pl.DataFrame, None, None]
BATCH_ROWS: Final = 131_072
_POSTGRESQL_BATCH_BYTES: Final = 16 * 1024 * 1024


@contextmanager
def open_plant(engine: Engine, schemas: Sequence[str]) -> Iterator[Connection]:
    """Open a proven connection for small queries; driver errors become DatabaseUnavailableError."""
    with database_errors(engine), connect(engine) as connection:
        for statement in _attachments(engine, schemas):
            connection.exec_driver_sql(statement)
        yield connection


def read_batches(engine: Engine, statement: Select[Any], schemas: Sequence[str]) -> Iterator[pl.DataFrame]:
    """Yield the rows of a statement as frames of at most about BATCH_ROWS rows.

    SQLite and PostgreSQL are read by ADBC, SQL Server by mssql-python's arrow_reader. Other drivers
    (pyodbc among them) have no Arrow: their rows are streamed and turned into columns.
    """
    readers = {"sqlite": _sqlite_batches, "postgresql": _postgresql_batches}
    reader = readers.get(engine.dialect.name)
    if engine.dialect.driver == "mssqlpython":
        reader = _sql_server_batches
    with database_errors(engine):
        batches = (reader or _streamed_batches)(engine, statement, schemas)
        yield from batches if reader is _sqlite_batches else attended(engine, batches)


def read_rows(connection: Connection, statement: Select[Any]) -> pl.DataFrame:
    """Return the rows of a small query."""
    result = connection.execute(statement)
    return _frame(tuple(result.keys()), result.fetchall())


@contextmanager
def database_errors(engine: Engine) -> Iterator[None]:
    """Turn every error of a driver into DatabaseUnavailableError."""
    try:
        yield
    except (SQLAlchemyError, OSError) as error:
        raise unavailable(engine.url, error) from error
    except Exception as error:
        if _is_driver_error(engine, error):
            raise unavailable(engine.url, error) from error
        raise


def _is_driver_error(engine: Engine, error: Exception) -> bool:
    module = type(error).__module__
    return isinstance(error, engine.dialect.loaded_dbapi.Error) or module.startswith("adbc_driver_manager")


def _sqlite_batches(engine: Engine, statement: Select[Any], schemas: Sequence[str]) -> Batches:
    driver: Any = import_module("adbc_driver_sqlite.dbapi")  # only who reads in bulk pays for it

    sql, parameters = _compiled(statement, sqlite.dialect(paramstyle="qmark"))
    with driver.connect(engine.url.database) as connection, connection.cursor() as cursor:
        for attachment in _attachments(engine, schemas):
            cursor.execute(attachment)
        cursor.adbc_statement.set_options(**{"adbc.sqlite.query.batch_rows": str(BATCH_ROWS)})
        cursor.execute(sql, parameters)
        yield from map(_from_arrow, cursor.fetch_record_batch())


def _postgresql_batches(engine: Engine, statement: Select[Any], _schemas: Sequence[str]) -> Batches:
    driver: Any = import_module("adbc_driver_postgresql.dbapi")  # only who reads in bulk pays for it

    dialect: Any = postgresql.dialect
    sql, parameters = _compiled(statement, dialect(paramstyle="numeric_dollar"))
    url: Any = engine.url.set(drivername="postgresql").difference_update_query(["connect_timeout"])
    url = url.update_query_string(f"connect_timeout={LOGIN_TIMEOUT_SECONDS}")
    with driver.connect(url.render_as_string(hide_password=False)) as connection, connection.cursor() as cursor:
        cursor.adbc_statement.set_options(**{"adbc.postgresql.batch_size_hint_bytes": str(_POSTGRESQL_BATCH_BYTES)})
        cursor.execute(sql, parameters)
        yield from map(_from_arrow, cursor.fetch_record_batch())


def _sql_server_batches(engine: Engine, statement: Select[Any], _schemas: Sequence[str]) -> Batches:
    dialect: Any = type(engine.dialect)
    sql, parameters = _compiled(statement, dialect(paramstyle="qmark"))
    with closing(engine.raw_connection()) as connection, closing(connection.cursor()) as cursor:
        cursor.execute(sql, parameters)
        with cursor.arrow_reader(batch_size=BATCH_ROWS) as reader:
            yield from map(_from_arrow, reader)


def _streamed_batches(engine: Engine, statement: Select[Any], _schemas: Sequence[str]) -> Batches:
    with engine.connect() as connection:
        result = connection.execution_options(stream_results=True).execute(statement)
        names = tuple(result.keys())
        yield from (_frame(names, rows) for rows in result.partitions(BATCH_ROWS))


def _compiled(statement: Select[Any], dialect: Dialect) -> tuple[str, tuple[Any, ...]]:
    """Return the SQL with its bound parameters in order, for a driver called without SQLAlchemy."""
    compiled: Any = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    return str(compiled), tuple(compiled.params[name] for name in compiled.positiontup or ())


def _attachments(engine: Engine, schemas: Sequence[str]) -> list[str]:
    """Let SQLite answer to schema names such as Production.Product by attaching its file under each."""
    if engine.dialect.name != "sqlite":
        return []
    path = str(engine.url.database).replace("'", "''")
    return [f"ATTACH DATABASE '{path}' AS \"{schema}\"" for schema in schemas]


def _from_arrow(batch: Any) -> pl.DataFrame:
    frame = pl.from_arrow(batch)
    if not isinstance(frame, pl.DataFrame):  # a record batch has columns, always
        raise TypeError(f"no table but {type(frame).__name__}")
    # PostgreSQL's NUMERIC has no Arrow type: it arrives as text in a wrapper.
    wrapped = [name for name, dtype in frame.schema.items() if isinstance(dtype, pl.BaseExtension)]
    return frame.with_columns(frame[name].ext.storage() for name in wrapped)


def _frame(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> pl.DataFrame:
    columns = zip(*rows, strict=True) if rows else ([] for _ in names)
    return pl.DataFrame(
        [pl.Series(name, list(values), strict=False) for name, values in zip(names, columns, strict=True)]
    )
