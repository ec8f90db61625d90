"""The indexes that reading by item code and by date wants: made where they lack, and only on tables."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Column, Connection, Engine, Index, Inspector, MetaData, Table, inspect
from sqlalchemy.exc import SQLAlchemyError

from backend._connection_pool import connect, unavailable
from backend.erp.profile import IndexRule, PlantProfile


class IndexAction(StrEnum):
    """What became of one wanted index."""

    MADE = "made"
    PRESENT = "present"
    SKIPPED = "skipped"
    """The object is a view, or absent; an index cannot be put on it."""
    REFUSED = "refused"
    """The database said no, most often because this user may only read."""


@dataclass(frozen=True, slots=True)
class IndexOutcome:
    """One wanted index, what became of it and why."""

    name: str
    table: str
    action: IndexAction
    reason: str


def ensure_indexes(engine: Engine, profile: PlantProfile) -> list[IndexOutcome]:
    """Make the profile's indexes that lack; repeating it changes nothing.

    An index counts as present when any index or key of the table leads with the same column,
    whatever it is called. Raises DatabaseUnavailableError where the database cannot be used.
    """
    try:
        with connect(engine) as connection:
            connection.rollback()
            return [_ensure(connection, rule, profile) for rule in profile.rules.indexes]
    except SQLAlchemyError as error:
        raise unavailable(engine.url, error) from error


def _ensure(connection: Connection, rule: IndexRule, profile: PlantProfile) -> IndexOutcome:
    inspector = inspect(connection)
    schema, name = _place(connection, rule.table, profile)
    table = _same_name(inspector.get_table_names(schema), name)
    if table is None:
        is_view = _same_name(inspector.get_view_names(schema), name) is not None
        reason = "it is a view; index the table behind it" if is_view else "there is no such table"
        return IndexOutcome(rule.name, rule.table, IndexAction.SKIPPED, reason)
    columns = [_same_name([str(c["name"]) for c in inspector.get_columns(table, schema)], c) for c in rule.columns]
    if None in columns:
        reason = f"the table has no column {rule.columns[columns.index(None)]}"
        return IndexOutcome(rule.name, rule.table, IndexAction.SKIPPED, reason)
    leader = _led_by(inspector, table, schema, rule.columns[0])
    if leader is not None:
        return IndexOutcome(rule.name, rule.table, IndexAction.PRESENT, f"{leader} leads with {rule.columns[0]}")
    return _make(connection, rule, Table(table, MetaData(), *(Column(c) for c in columns if c), schema=schema))


def _make(connection: Connection, rule: IndexRule, table: Table) -> IndexOutcome:
    try:
        Index(rule.name, *table.columns).create(connection)
        connection.commit()
    except SQLAlchemyError as error:
        connection.rollback()
        cause = str(getattr(error, "orig", error)).splitlines()[0]
        return IndexOutcome(rule.name, rule.table, IndexAction.REFUSED, cause)
    return IndexOutcome(rule.name, rule.table, IndexAction.MADE, f"on {', '.join(rule.columns)}")


def _place(connection: Connection, table: str, profile: PlantProfile) -> tuple[str | None, str]:
    """Split Production.Product; the embedded plant keeps such a table without its schema."""
    schema, _, name = table.rpartition(".")
    if not schema or connection.dialect.name == "sqlite":
        return None, name
    known = inspect(connection).get_schema_names()
    return _same_name(known, schema) or schema, name if schema in profile.rules.schemas else table


def _same_name(names: list[str], wanted: str) -> str | None:
    return next((name for name in names if name.lower() == wanted.lower()), None)


def _led_by(inspector: Inspector, table: str, schema: str | None, column: str) -> str | None:
    """Return the name of an index or key of the table whose first column is this one."""
    indexes, uniques = inspector.get_indexes(table, schema), inspector.get_unique_constraints(table, schema)
    primary = inspector.get_pk_constraint(table, schema)
    keys: list[tuple[str | None, list[str | None]]] = [(index["name"], index["column_names"]) for index in indexes]
    keys.append((primary["name"] or "the primary key", [*primary["constrained_columns"]]))
    keys += [(key["name"] or "a unique key", [*key["column_names"]]) for key in uniques]
    led = (name for name, columns in keys if columns and str(columns[0]).lower() == column.lower())
    return next((str(name) for name in led), None)
