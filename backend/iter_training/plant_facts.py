"""What a job tells of the plant it read, so that its parent can store the quarantine counts."""

from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

import polars as pl
from sqlalchemy import Engine

from backend.domain.plant import PlantData, QuarantineCount
from backend.erp.similar_codes import similar_codes
from backend.monitoring.cycles import store_quarantine

_MANY_TIMELESS: Final = 0.1
"""Share of finished rows without a minute from which on it is said: some plants book a few so."""

_MANY_COPIES: Final = 0.01
"""Share of rows that repeat another's key from which on it is said: a few are usual."""
_FEW_ROWS: Final = 20
_HARDLY_EVER: Final = 0.02
"""Share of an operation's rows that are finished; one that came with the newest lots is finished in more."""


def plant_facts(plant: PlantData, read_at: datetime) -> dict[str, Any]:
    """Return the counts of one full read as JSON values."""
    return {
        "read_at": read_at.isoformat(),
        "rows_read": plant.rows_read,
        "quarantine": [asdict(count) for count in plant.quarantine],
    }


def set_aside(plant: PlantData) -> list[str]:
    """Return a sentence per reason for which rows were set aside or values left out, and what else looks wrong."""
    rows = [(each, "rows", "set aside") for each in plant.quarantine]
    values = [(each, "values", "left out") for each in plant.left_out]
    told = [
        f"{each.table}: {each.rows:,} of {plant.rows_read[each.table]:,} {what} "
        f"({each.rows / plant.rows_read[each.table]:.1%}) {done}: {each.reason}"
        for part in (rows, values)
        for each, what, done in sorted(part, key=lambda one: -one[0].rows)
    ]
    return told + _spellings(plant.items) + _repeated(plant) + _never_finished(plant) + _timeless(plant.work_orders)


def _repeated(plant: PlantData) -> list[str]:
    """Say so where so many operations came twice that they may be reports of parts of a lot."""
    copies = sum(
        each.rows for each in plant.quarantine if each.table == "work_orders" and each.reason.startswith("duplicate")
    )
    if copies < _MANY_COPIES * max(plant.rows_read["work_orders"], 1):
        return []
    return [
        "work_orders: of rows with one work order, item, sequence and operation one is read; partial reports of an "
        "operation are to be summed up in work_orders.sql (GROUP BY), or the minutes of the others are lost"
    ]


def _never_finished(plant: PlantData) -> list[str]:
    """Name operations that are hardly ever finished: lots that have them never count as done."""
    finished = pl.col("finished_at").is_not_null().mean()
    seldom = plant.work_orders.group_by("operation_code").agg(pl.len().alias("rows"), finished.alias("finished"))
    named = seldom.filter((pl.col("rows") >= _FEW_ROWS) & (pl.col("finished") < _HARDLY_EVER)).sort("operation_code")
    if named.is_empty():
        return []
    return [
        f"work_orders: hardly a row of operation {', '.join(named['operation_code'])} ({named['rows'].sum():,} rows) "
        "has a finished_at, and a lot with an open operation does not count as made; give outsourced operations "
        "without a booking the moment at which the lot went on"
    ]


def _spellings(items: pl.DataFrame) -> list[str]:
    told = similar_codes(items["item_code"])
    return [told] if told else []


def _timeless(work_orders: pl.DataFrame) -> list[str]:
    """Say so where many finished in-house rows took no time at all, as those do that begin and end on one date."""
    booked = work_orders.lazy().filter(pl.col("finished_at").is_not_null() & pl.col("in_house"))
    none = pl.sum_horizontal("setup_minutes", "run_minutes") <= 0
    rows, timeless = booked.select(pl.len(), none.sum().alias("none")).collect().row(0)
    if timeless < _MANY_TIMELESS * max(rows, 1):
        return []
    return [
        f"work_orders: {timeless:,} of {rows:,} finished rows ({timeless / rows:.1%}) took 0 minutes; "
        "where started_at and finished_at are dates without a time of day, say whole_days: true in profile.yaml"
    ]


def store_plant_facts(engine: Engine, facts: dict[str, Any]) -> None:
    """Store what plant_facts told."""
    counts = [QuarantineCount(**count) for count in facts["quarantine"]]
    store_quarantine(engine, counts, facts["rows_read"], datetime.fromisoformat(facts["read_at"]))
