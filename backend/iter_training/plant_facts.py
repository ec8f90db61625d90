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


def plant_facts(plant: PlantData, read_at: datetime) -> dict[str, Any]:
    """Return the counts of one full read as JSON values."""
    return {
        "read_at": read_at.isoformat(),
        "rows_read": plant.rows_read,
        "quarantine": [asdict(count) for count in plant.quarantine],
    }


def set_aside(plant: PlantData) -> list[str]:
    """Return a sentence per reason for which rows were set aside or values left out, most rows first.

    After them what else is odd: item codes in several spellings, rows without a minute.
    """
    rows = [(each, "rows", "set aside") for each in plant.quarantine]
    values = [(each, "values", "left out") for each in plant.left_out]
    return (
        [
            f"{each.table}: {each.rows:,} of {plant.rows_read[each.table]:,} {what} "
            f"({each.rows / plant.rows_read[each.table]:.1%}) {done}: {each.reason}"
            for part in (rows, values)
            for each, what, done in sorted(part, key=lambda one: -one[0].rows)
        ]
        + _spellings(plant.items)
        + _timeless(plant.work_orders)
    )


def _spellings(items: pl.DataFrame) -> list[str]:
    told = similar_codes(items["item_code"])
    return [told] if told else []


def _timeless(work_orders: pl.DataFrame) -> list[str]:
    """Say so where many finished rows took no time at all, as those do that begin and end on one date."""
    booked = work_orders.lazy().filter(pl.col("finished_at").is_not_null())
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
