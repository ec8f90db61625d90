"""The SQLite file of a demo plant: its tables, indexes and fast insertion."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from backend.erp.demo.dirty_rows import Row
from backend.erp.demo.facts import load_facts
from backend.erp.embedded import replacing_plant

ITEMS: Final = "BI_ITEM_INFO_VIEW"
ROUTINGS: Final = "BI_ROUTING_VIEW"
WORK_ORDERS: Final = "BI_WORK_ORDER_RESULTS"

_ROUTING_COLUMNS: Final = (
    "ITEM_CODE TEXT, ROUT_NO TEXT, OP_SEQ INTEGER, OP_CODE TEXT, OP_NAME TEXT, WC_CODE TEXT, WC_NAME TEXT, "
    "INOUT_GBN TEXT, SETUP_MIN REAL, RUN_MIN REAL, VALID_FROM TEXT, VALID_TO TEXT"
)
_WORK_ORDER_COLUMNS: Final = (
    "WORK_ORDER_NO TEXT, ITEM_CODE TEXT, OP_SEQ INTEGER, OP_CODE TEXT, OP_NAME TEXT, WC_CODE TEXT, INOUT_GBN TEXT, "
    "ORDER_QTY REAL, ACT_SETUP_HOURS REAL, ACT_RUN_HOURS REAL, RELEASE_DATE TEXT, FINISH_DATE TEXT, "
    "PLAN_SETUP_MIN REAL, PLAN_RUN_MIN REAL"
)
_INDEXES: Final = (
    f"CREATE INDEX idx_item_info_item_cd ON {ITEMS} (ITEM_CD)",
    f"CREATE INDEX idx_item_info_create_date ON {ITEMS} (CREATE_DATE)",
    f"CREATE INDEX idx_routing_item_code ON {ROUTINGS} (ITEM_CODE)",
    f"CREATE INDEX idx_work_order_item_code ON {WORK_ORDERS} (ITEM_CODE)",
    f"CREATE INDEX idx_work_order_finish_date ON {WORK_ORDERS} (FINISH_DATE)",
)


def create_tables(connection: sqlite3.Connection) -> None:
    """Create the three tables that stand for the ERP's views."""
    items = ", ".join(f'"{c.name}" {"REAL" if c.numeric else "TEXT"}' for c in load_facts().columns)
    connection.execute(f"CREATE TABLE {ITEMS} ({items}, CREATE_DATE TEXT)")
    connection.execute(f"CREATE TABLE {ROUTINGS} ({_ROUTING_COLUMNS})")
    connection.execute(f"CREATE TABLE {WORK_ORDERS} ({_WORK_ORDER_COLUMNS})")


def create_indexes(connection: sqlite3.Connection) -> Iterator[str]:
    """Create the indexes one by one, naming each before it is made."""
    for statement in _INDEXES:
        yield statement.split()[2]
        connection.execute(statement)


def insert(connection: sqlite3.Connection, table: str, columns: list[str], rows: Iterable[Row]) -> None:
    """Append rows to a table."""
    names, marks = ", ".join(f'"{name}"' for name in columns), ", ".join("?" * len(columns))
    connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)  # noqa: S608 - our own names


@contextmanager
def replacing(path: Path) -> Iterator[sqlite3.Connection]:
    """Build a database aside in one transaction and put it in place, whole, when the block ends without an error."""
    with replacing_plant(path) as connection:
        connection.execute("BEGIN")
        yield connection
        connection.execute("COMMIT")
