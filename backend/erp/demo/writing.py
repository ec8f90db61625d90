"""Writes a demo plant: the three tables of the ksm profile, and the truth beside them."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

import numpy as np

from backend.domain.progress import ProgressReport, no_progress
from backend.erp.demo import plant_file, truth
from backend.erp.demo.block_truth import Plant
from backend.erp.demo.calendar_minutes import timestamp_text
from backend.erp.demo.generating import (
    GeneratedTable,
    block_truth,
    first_span,
    item_table,
    make_plant,
    routing_table,
    work_order_table,
)
from backend.erp.demo.noise_floor import NoiseFloor
from backend.erp.demo.options import DemoOptions, DemoSummary
from backend.erp.demo.truth import PlannedEnd, TruthState
from backend.erp.demo.work_orders import Span, WorkOrders
from backend.erp.embedded import read_notes, write_notes
from backend.errors import DatabaseUnavailableError

PROFILE: Final = "ksm"
PLANT_ID_NOTE: Final = "demo_plant_id"
GENERATING_SHARE: Final = 0.85


def write_demo_plant(
    database_path: Path,
    options: DemoOptions,
    report: ProgressReport = no_progress,
    *,
    replace_other_plant: bool = False,
) -> DemoSummary:
    """Write a demo plant of these options, replacing an earlier demo plant as a whole.

    Raises DatabaseUnavailableError if the file holds a plant that is not a demo.
    """
    if not replace_other_plant:
        _refuse_other_plant(database_path)
    report(0.0, "Drawing the plant's families and machines")
    plant = make_plant(options)
    state = TruthState(options, options.today, {}, {}, {}, backflushed_rows=0)
    with (
        plant_file.replacing(database_path) as tables,
        plant_file.replacing(truth.truth_database(database_path)) as hidden,
    ):
        plant_file.create_tables(tables)
        truth.create_truth_tables(hidden)
        opened = _fill(tables, hidden, plant, state, report)
        for index in plant_file.create_indexes(tables):
            report(GENERATING_SHARE + 0.1, f"Creating {index}")
        write_notes(tables, {"profile": PROFILE, PLANT_ID_NOTE: state.plant_id, "today": options.today.isoformat()})
        truth.store_state(hidden, state)
    truth_file = truth.write_readable_truth(database_path, state)
    report(1.0, "Demo plant written")
    return summarise(database_path, state, truth_file, added=state.rows[plant_file.WORK_ORDERS], opened=opened)


def _refuse_other_plant(path: Path) -> None:
    """Never overwrite what somebody imported."""
    if not path.is_file() or path.stat().st_size == 0 or PLANT_ID_NOTE in read_notes(path):
        return
    with closing(sqlite3.connect(path)) as connection:
        tables = connection.execute("SELECT COUNT(*) FROM sqlite_master WHERE type = 'table'").fetchone()[0]
    if tables:
        raise DatabaseUnavailableError(
            str(path), "it holds a plant that is not a demo", "Move the file away, or ask for it to be replaced"
        )


def _fill(
    tables: sqlite3.Connection, hidden: sqlite3.Connection, plant: Plant, state: TruthState, report: ProgressReport
) -> int:
    """Generate block by block into both files; returns how many work-order rows are still open."""
    floor = NoiseFloor(plant.parameters)
    span = first_span(plant.options)
    opened = 0
    for done, block in enumerate(plant.blocks):
        report(GENERATING_SHARE * done / len(plant.blocks), f"Items from {block.first_item:,} of {plant.items:,}")
        generated = block_truth(plant, block)
        orders, work_orders = work_order_table(generated, span)
        first_row = state.rows.get(plant_file.WORK_ORDERS, 0) + 1
        add_table(tables, state, plant_file.ITEMS, item_table(generated))
        add_table(tables, state, plant_file.ROUTINGS, routing_table(generated))
        add_table(tables, state, plant_file.WORK_ORDERS, work_orders)
        ends = planned_ends(orders, span, first_row)
        truth.add_pending(hidden, ends)
        opened += len(ends)
        state.backflushed_rows += int(orders.backflushed.sum())
        floor.add_work_orders(generated.routed, orders, span.end)
        floor.add_routings(generated.traits, generated.routed)
    state.noise_floor = floor.to_json()
    return opened


def add_table(
    connection: sqlite3.Connection, state: TruthState, table: str, made: GeneratedTable, target: str | None = None
) -> None:
    """Insert a block's rows (into another table of the same shape if asked) and count them and their dirt."""
    plant_file.insert(connection, target or table, made.columns, made.rows)
    state.rows[table] = state.rows.get(table, 0) + len(made.rows)
    state.count_dirt(table, made.dirt)


def planned_ends(orders: WorkOrders, span: Span, first_row: int) -> list[PlannedEnd]:
    """Return how the rows that are open at the span's end will end."""
    still_open = np.flatnonzero(orders.finished >= span.end)
    return list(
        zip(
            (still_open + first_row).tolist(),
            timestamp_text(orders.finished[still_open]).to_list(),
            orders.setup_minutes[still_open].tolist(),
            orders.run_minutes[still_open].tolist(),
            strict=True,
        )
    )


def summarise(database_path: Path, state: TruthState, truth_file: Path, *, added: int, opened: int) -> DemoSummary:
    """Return the summary of a plant as it is now."""
    return DemoSummary(
        database=str(database_path),
        today=state.today,
        items=state.options.items + sum(advance.expansion.items for advance in state.advances),
        routing_rows=state.rows[plant_file.ROUTINGS],
        work_order_rows=state.rows[plant_file.WORK_ORDERS],
        added_work_order_rows=added,
        open_work_order_rows=opened,
        noise_floor_mae_minutes=state.noise_floor["mae_minutes"]["known_item"],
        exact_match_ceiling=state.noise_floor["exact_match_ceiling"]["new_items"],
        truth_file=str(truth_file),
    )
