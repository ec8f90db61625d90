"""The one query path: a profile's SELECT as a subquery, predicates added by SQLAlchemy Core."""

import unicodedata
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Engine, Select, Text, cast, column, false, func, literal_column, or_, select, text
from sqlalchemy.sql.expression import ColumnElement, Subquery, TextClause

from backend.erp.profile import PlantProfile
from backend.errors import ProfileError

MAX_LIST_LENGTH: Final = 2000
"""SQL Server takes 2,100 parameters at most."""

REQUIRED_COLUMNS: Final = {
    "items": ("item_code",),
    "routings": (
        "item_code",
        "routing_code",
        "sequence",
        "operation_code",
        "operation_name",
        "work_centre",
        "in_house",
        "setup_minutes",
        "run_minutes_per_unit",
    ),
    "work_orders": (
        "work_order_code",
        "item_code",
        "sequence",
        "operation_code",
        "work_centre",
        "in_house",
        "quantity",
        "finished_at",
    ),
}
RUN_TIME_COLUMNS: Final = ("run_minutes", "started_at")
"""One of them tells how long an operation of a work order took."""


def profile_subquery(profile: PlantProfile, table: str, columns: Sequence[str]) -> Subquery:
    """Return the profile's SELECT of one canonical table as a subquery with the given columns."""
    return _clause(profile.sql[table]).columns(*(column(name) for name in columns)).subquery(table)


def read_columns(connection: Connection, profile: PlantProfile, table: str) -> tuple[str, ...]:
    """Ask the database which columns the profile's SELECT has; raises ProfileError if needed ones lack."""
    nothing = select(text("*")).select_from(_clause(profile.sql[table]).columns().subquery(table)).where(false())
    names = tuple(connection.execute(nothing).keys())
    check_columns(profile, table, names)
    return names


def check_columns(profile: PlantProfile, table: str, names: Sequence[str]) -> None:
    """Raise ProfileError where a SELECT with these columns lacks needed ones."""
    there = {found.lower() for found in names}
    lacking = [name for name in REQUIRED_COLUMNS[table] if name not in there]
    if table == "work_orders" and not there.intersection(RUN_TIME_COLUMNS):
        lacking.append(" or ".join(RUN_TIME_COLUMNS))
    if lacking:
        cause = f"{table}.sql has no column {', '.join(lacking)}"
        raise ProfileError(profile.name, cause, "Name it with AS; docs/plant-profiles.md lists the columns")


def table_query(
    engine: Engine, profile: PlantProfile, table: str, columns: Sequence[str]
) -> tuple[Select[Any], Subquery]:
    """Return SELECT of every column and the subquery to put predicates on.

    On SQLite every column is read as text, '' for NULL: its driver takes a column's type from the
    first rows and fails later where a plant's column mixes types, as SQLite allows.
    """
    source = profile_subquery(profile, table, columns)
    if engine.dialect.name != "sqlite":
        every: Select[Any] = select(*source.c)
        return every, source
    texts: list[Any] = [func.coalesce(cast(c, Text), literal_column("''")).label(c.name) for c in source.c]
    return select(*texts), source


def column_of(source: Subquery, name: str) -> ColumnElement[Any]:
    """Return a column by its name in any case: PostgreSQL folds unquoted names to lower case."""
    return next(c for c in source.c if c.name.lower() == name.lower())


def with_codes(statement: Select[Any], source: Subquery, codes: Sequence[str]) -> Iterator[Select[Any]]:
    """Yield the statement once per chunk of item codes, each chunk within the parameter limit.

    A code is also looked for with one leading space and decomposed, as dirty ERPs store it; the
    plain list of values keeps the ERP's index usable.
    """
    stored = [form for code in dict.fromkeys(codes) for form in _stored_forms(code)]
    for start in range(0, len(stored), MAX_LIST_LENGTH):
        yield statement.where(column_of(source, "item_code").in_(stored[start : start + MAX_LIST_LENGTH]))


def finished_since(
    engine: Engine, profile: PlantProfile, statement: Select[Any], source: Subquery, local: datetime
) -> Select[Any]:
    """Keep open rows and those finished on or after the day before a moment in the plant's own time.

    The margin is for columns with zones of their own; who reads the rows compares to the second.
    SQLite has no dates: ISO texts are compared there, and where the profile knows other formats
    nothing is, because such texts have no order.
    """
    finished, day = (
        column_of(source, "finished_at"),
        (local - timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0),
    )
    if engine.dialect.name != "sqlite":
        return statement.where(or_(finished.is_(None), finished >= day))
    if profile.rules.date_formats:
        return statement
    return statement.where(or_(finished.is_(None), func.trim(finished) == "", func.trim(finished) >= f"{day:%Y-%m-%d}"))


def containing(source: Subquery, names: Sequence[str], wanted: str) -> ColumnElement[bool]:
    """Return the predicate that one of the columns contains the wanted text, in any case."""
    escaped = "".join(f"/{char}" if char in "/%_[" else char for char in wanted.lower())
    return or_(*(func.lower(column_of(source, name)).like(f"%{escaped}%", escape="/") for name in names))


def _clause(sql: str) -> TextClause:
    """Take the SQL literally: a colon in it is never a parameter."""
    return text(sql.replace(":", r"\:"))


def _stored_forms(code: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((code, f" {code}", unicodedata.normalize("NFD", code))))
