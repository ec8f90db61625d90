"""Lets a demo plant live on: new work orders, a few new items, and open work that gets done."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

from backend.domain.progress import ProgressReport, no_progress
from backend.erp.demo import plant_file, truth
from backend.erp.demo.block_truth import Plant
from backend.erp.demo.calendar_minutes import minute_of
from backend.erp.demo.generating import (
    Expansion,
    block_truth,
    item_table,
    make_plant,
    routing_table,
    work_order_table,
)
from backend.erp.demo.noise_floor import NoiseFloor
from backend.erp.demo.options import DemoSummary
from backend.erp.demo.truth import Advance, TruthState
from backend.erp.demo.work_orders import Span
from backend.erp.demo.writing import PLANT_ID_NOTE, add_table, planned_ends, summarise
from backend.erp.embedded import read_notes, write_notes
from backend.errors import DatabaseUnavailableError, SettingError

LONGEST_ADVANCE_DAYS: Final = 3_650
NEW_ITEMS_PER_ITEM_AND_DAY: Final = 0.0002
NEW_ITEMS_PER_NEW_FAMILY: Final = 10
"""About a third of ten new items found a family, three to each."""

_TABLES: Final = (plant_file.ITEMS, plant_file.ROUTINGS, plant_file.WORK_ORDERS)
_MAKE_PENDING: Final = (
    "CREATE TEMP TABLE staged_pending (row_number INTEGER, finish_date TEXT, setup_minutes REAL, run_minutes REAL)"
)
_FINISH_OPEN: Final = (
    "UPDATE main.BI_WORK_ORDER_RESULTS SET FINISH_DATE = p.finish_date, ACT_SETUP_HOURS = p.setup_minutes, "
    "ACT_RUN_HOURS = p.run_minutes FROM truth.pending AS p "
    "WHERE BI_WORK_ORDER_RESULTS.rowid = p.row_number AND p.finish_date < ?"
)


def advance_demo_plant(database_path: Path, days: int, report: ProgressReport = no_progress) -> DemoSummary:
    """Move a demo plant's today on by some days, in one transaction; the same plant always goes the same way.

    Raises DatabaseUnavailableError if the file is no demo plant or its truth is missing, SettingError
    for a number of days that is out of range.
    """
    if not 1 <= days <= LONGEST_ADVANCE_DAYS:
        raise SettingError("demo plant", "advance", days, f"1 to {LONGEST_ADVANCE_DAYS:,} days")
    with _opened(database_path) as connection:
        before = truth.load_state(connection, database_path, "truth")
        state = truth.load_state(connection, database_path, "truth")
        _live_on(connection, state, days, report)
        report(0.9, "Writing what happened")
        added = state.rows[plant_file.WORK_ORDERS] - before.rows[plant_file.WORK_ORDERS]
        opened = _commit(connection, database_path, before, state)
    truth_file = truth.write_readable_truth(database_path, state)
    report(1.0, f"It is now {state.today.isoformat()} in the plant")
    return summarise(database_path, state, truth_file, added=added, opened=opened)


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    hidden = truth.truth_database(path)
    known_as = read_notes(path).get(PLANT_ID_NOTE)
    if known_as is None or not hidden.is_file():
        cause = "it is no demo plant" if known_as is None else f"{hidden.name} is not beside it"
        raise DatabaseUnavailableError(str(path), cause, "'routing-ml demo --items N' writes a new demo plant")
    with closing(sqlite3.connect(path, isolation_level=None, timeout=30)) as connection:
        connection.execute("ATTACH DATABASE ? AS truth", (str(hidden),))
        if truth.load_state(connection, path, "truth").plant_id != known_as:
            raise DatabaseUnavailableError(
                str(path),
                f"{hidden.name} belongs to another plant",
                "'routing-ml demo --items N' writes a new demo plant",
            )
        yield connection


def _live_on(connection: sqlite3.Connection, state: TruthState, days: int, report: ProgressReport) -> None:
    """Generate the days into staging tables, so that readers of the plant are not held up."""
    begin = state.options.now + (state.today - state.options.today)
    end = begin + timedelta(days=days)
    span = Span(minute_of(begin), minute_of(end), epoch=len(state.advances) + 1)
    expansions = [advance.expansion for advance in state.advances]
    expansion = _expansion(state, days, span)
    plant = make_plant(state.options, [*expansions, expansion])
    for table in _TABLES:
        connection.execute(f"CREATE TEMP TABLE staged_{table} AS SELECT * FROM main.{table} LIMIT 0")  # noqa: S608
    connection.execute(_MAKE_PENDING)
    connection.execute("BEGIN")
    floor = _stage(connection, plant, state, span, report)
    connection.execute("COMMIT")
    state.today += timedelta(days=days)
    state.advances.append(Advance(days, state.today, expansion, floor.to_json()))


def _expansion(state: TruthState, days: int, span: Span) -> Expansion:
    items = max(1, round(state.options.items * days * NEW_ITEMS_PER_ITEM_AND_DAY))
    families = max(1, items // NEW_ITEMS_PER_NEW_FAMILY)
    return Expansion(items, families, created_from=span.begin, created_until=span.end)


def _stage(
    connection: sqlite3.Connection, plant: Plant, state: TruthState, span: Span, report: ProgressReport
) -> NoiseFloor:
    """Stage the span's work orders and the rows of new items; returns the floor of what was finished."""
    floor = NoiseFloor(plant.parameters)
    staged_rows = 0
    for done, block in enumerate(plant.blocks):
        report(0.9 * done / len(plant.blocks), f"Work on items from {block.first_item:,}")
        generated = block_truth(plant, block)
        orders, made = work_order_table(generated, span)
        add_table(connection, state, plant_file.WORK_ORDERS, made, f"staged_{plant_file.WORK_ORDERS}")
        ends = planned_ends(orders, span, staged_rows + 1)
        connection.executemany("INSERT INTO staged_pending VALUES (?, ?, ?, ?)", ends)
        staged_rows += len(made.rows)
        state.backflushed_rows += int(orders.backflushed.sum())
        floor.add_work_orders(generated.routed, orders, span.end)
        if block is plant.blocks[-1]:
            floor.add_routings(generated.traits, generated.routed)
            for table, rows in (
                (plant_file.ITEMS, item_table(generated)),
                (plant_file.ROUTINGS, routing_table(generated)),
            ):
                add_table(connection, state, table, rows, f"staged_{table}")
    return floor


def _commit(connection: sqlite3.Connection, path: Path, before: TruthState, state: TruthState) -> int:
    """Take over what was staged and finish what was open; returns how many rows stay open."""
    connection.execute("BEGIN IMMEDIATE")
    if truth.load_state(connection, path, "truth").today != before.today:
        connection.execute("ROLLBACK")
        raise DatabaseUnavailableError(str(path), "somebody else advanced the plant meanwhile", "Look again and repeat")
    last_row = connection.execute(f"SELECT MAX(rowid) FROM {plant_file.WORK_ORDERS}").fetchone()[0] or 0  # noqa: S608
    for table in _TABLES:
        connection.execute(f"INSERT INTO main.{table} SELECT * FROM staged_{table} ORDER BY rowid")  # noqa: S608
    connection.execute(
        "INSERT INTO truth.pending SELECT row_number + ?, finish_date, setup_minutes, run_minutes FROM staged_pending",
        (last_row,),
    )
    now = f"{state.today + timedelta(days=1)} 00:00:00"
    connection.execute(_FINISH_OPEN, (now,))
    connection.execute("DELETE FROM truth.pending WHERE finish_date < ?", (now,))
    write_notes(connection, {"today": state.today.isoformat()})
    truth.store_state(connection, state, "truth")
    connection.execute("COMMIT")
    return int(connection.execute("SELECT COUNT(*) FROM truth.pending").fetchone()[0])
