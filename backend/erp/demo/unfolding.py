"""A demo plant whose days ahead are generated beforehand and come true one at a time.

Two files: the plant as people see it, and aside, out of reach of what learns, the same plant as it will be when all
days are over. A row has the same row number in both, and a day that is over is one transaction.
"""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from backend.domain.progress import ProgressReport, no_progress
from backend.erp.demo.advancing import advance_demo_plant
from backend.erp.demo.options import DemoOptions
from backend.erp.demo.plant_file import ITEMS, ROUTINGS, WORK_ORDERS
from backend.erp.demo.writing import write_demo_plant
from backend.erp.embedded import read_notes, write_notes

_TABLES: Final = (ITEMS, ROUTINGS, WORK_ORDERS)
_BOOKED: Final = ("ACT_SETUP_HOURS", "ACT_RUN_HOURS")
_READABLE: Final = "LIKE '2%'"
"""Dates are dirty on purpose; one that cannot be read cannot be waited for."""


def write_unfolding_plant(
    plant: Path, future: Path, options: DemoOptions, days: int, report: ProgressReport = no_progress
) -> None:
    """Write a plant and its future; the plant comes last, so that where it is, both are whole."""
    write_demo_plant(future, options, report, replace_other_plant=True)
    with _opened(future) as connection:
        rows = {table: connection.execute(f"SELECT MAX(rowid) FROM {table}").fetchone()[0] for table in _TABLES}  # noqa: S608
        write_notes(connection, {f"first_{table}": str(count) for table, count in rows.items()})
    plant.parent.mkdir(parents=True, exist_ok=True)
    building = plant.with_name(f"{plant.name}.building")
    shutil.copy(future, building)
    advance_demo_plant(future, days, report)
    building.replace(plant)


def today_of(plant: Path) -> date:
    """Return the last day that is over."""
    return date.fromisoformat(read_notes(plant)["today"])


def unfold(plant: Path, future: Path, day: date) -> None:
    """Let everything come true until a day is over; nothing happens where it is over already."""
    if day <= today_of(plant):
        return
    now = f"{day + timedelta(days=1)} 00:00:00"
    codes = f"(SELECT TRIM(ITEM_CD) FROM main.{ITEMS})"  # noqa: S608
    with _opened(plant, future) as connection:
        _reveal(connection, ITEMS, f"(CREATE_DATE < '{now}' OR CREATE_DATE NOT {_READABLE} OR CREATE_DATE IS NULL)")
        _reveal(connection, ROUTINGS, f"TRIM(ITEM_CODE) IN {codes}")
        _reveal(connection, WORK_ORDERS, f"RELEASE_DATE < '{now}'")
        finished = f"(f.FINISH_DATE < '{now}' OR f.FINISH_DATE NOT {_READABLE})"
        ended = ", ".join(f"{column} = f.{column}" for column in ("FINISH_DATE", *_BOOKED))
        connection.execute(
            f"UPDATE main.{WORK_ORDERS} SET {ended} FROM future.{WORK_ORDERS} AS f "  # noqa: S608
            f"WHERE f.rowid = {WORK_ORDERS}.rowid AND {WORK_ORDERS}.FINISH_DATE IS NULL AND {finished}"
        )
        write_notes(connection, {"today": day.isoformat()})


def _reveal(connection: sqlite3.Connection, table: str, condition: str) -> None:
    """Add the rows that are known from now on; a work order's end is not among what is known."""
    names = [str(row[1]) for row in connection.execute(f"PRAGMA main.table_info({table})")]
    hidden = {"FINISH_DATE", *_BOOKED}
    columns = ", ".join(f'"{name}"' for name in names)
    values = ", ".join("NULL" if name in hidden else f'"{name}"' for name in names)
    first = int(
        connection.execute("SELECT value FROM main.routing_ml_plant WHERE key = ?", (f"first_{table}",)).fetchone()[0]
    )
    connection.execute(
        f"INSERT INTO main.{table} (rowid, {columns}) SELECT rowid, {values} FROM future.{table} AS f "  # noqa: S608
        f"WHERE f.rowid > ? AND f.rowid NOT IN (SELECT rowid FROM main.{table} WHERE rowid > ?) AND {condition}",
        (first, first),
    )


def spoil_bookings(plant: Path, future: Path) -> None:
    """Give every finished operation the run minutes of a piece where those of the lot are meant.

    So does an ERP whose view is changed for a night. Doing it twice changes nothing more.
    """
    _book(plant, future, "ACT_RUN_HOURS = f.ACT_RUN_HOURS / MAX(f.ORDER_QTY, 1)")


def restore_bookings(plant: Path, future: Path) -> None:
    """Give every finished operation its own minutes again."""
    _book(plant, future, "ACT_RUN_HOURS = f.ACT_RUN_HOURS")


def _book(plant: Path, future: Path, booked: str) -> None:
    with _opened(plant, future) as connection:
        connection.execute(
            f"UPDATE main.{WORK_ORDERS} SET {booked} FROM future.{WORK_ORDERS} AS f "  # noqa: S608
            f"WHERE f.rowid = {WORK_ORDERS}.rowid AND {WORK_ORDERS}.FINISH_DATE IS NOT NULL"
        )


@contextmanager
def _opened(plant: Path, future: Path | None = None) -> Iterator[sqlite3.Connection]:
    """Open a plant for one transaction, its future beside it where asked for."""
    with closing(sqlite3.connect(plant, isolation_level=None, timeout=30)) as connection:
        if future is not None:
            connection.execute("ATTACH DATABASE ? AS future", (str(future),))
        connection.execute("BEGIN IMMEDIATE")
        yield connection
        connection.execute("COMMIT")
