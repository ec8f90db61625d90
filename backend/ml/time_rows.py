"""Minutes that operations really took, as flat arrays; standard times where nothing was booked."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
import polars as pl

from backend.domain.plant import PlantData
from backend.errors import InsufficientDataError
from backend.ml.arrays import Floats, Ints
from backend.ml.routing_book import RoutingBook


@dataclass(frozen=True, slots=True)
class TimeRows:
    """One entry per operation of a lot; NaN where a time is not known."""

    item: Ints
    operation: Ints
    centre: Ints
    quantity: Floats
    """Pieces of the lot; NaN where the plant does not say."""
    setup_minutes: Floats
    run_minutes_per_unit: Floats
    age_days: Floats
    """Days between the end of the lot and the cutoff."""
    booked: bool
    """False where these are standard times, for want of work orders."""

    def __len__(self) -> int:
        return len(self.item)


TIME_COLUMNS: Final = (
    "item_code",
    "operation_code",
    "work_centre",
    "quantity",
    "setup_minutes",
    "run_minutes",
    "planned_setup_minutes",
    "planned_run_minutes",
    "finished_at",
)
"""What time rows need of a work-order row."""
_COLUMNS: Final = ("item", "operation", "centre", "quantity", "setup", "run", "age")

MOSTLY: Final = 0.5


def read_time_rows(plant: PlantData, work_orders: pl.DataFrame, book: RoutingBook, as_of: datetime) -> TimeRows:
    """Collect the times of known items; raises InsufficientDataError where there are none at all."""
    rows = _numbered(_booked(_measured(work_orders), as_of), plant, book)
    booked = len(rows) > 0
    if not booked:
        rows = _numbered(_standard(plant.routings), plant, book)
    if not len(rows):
        raise InsufficientDataError(
            "operation times (work-order results or routing standards)", 0, 1, "load rows that have minutes"
        )
    arrays = {name: rows[name].to_numpy() for name in _COLUMNS}
    return TimeRows(
        arrays["item"],
        arrays["operation"],
        arrays["centre"],
        arrays["quantity"],
        arrays["setup"],
        arrays["run"],
        arrays["age"],
        booked,
    )


def _measured(work_orders: pl.DataFrame) -> pl.DataFrame:
    """Leave out rows whose minutes equal the plan to the digit, unless the plant books nothing else."""
    planned = pl.col("planned_setup_minutes").eq_missing(pl.col("setup_minutes")) & pl.col("planned_run_minutes").eq(
        pl.col("run_minutes")
    )
    measured = work_orders.filter(~planned.fill_null(value=False))
    return measured if len(measured) else work_orders


def _booked(work_orders: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    lot = pl.when(pl.col("quantity") > 0).then(pl.col("quantity"))
    age = (pl.lit(as_of) - pl.col("finished_at")).dt.total_seconds() / 86_400
    return work_orders.select(
        "item_code",
        "operation_code",
        "work_centre",
        quantity=lot,
        setup=pl.col("setup_minutes"),
        run=pl.col("run_minutes") / lot.fill_null(1.0),
        age=age.clip(lower_bound=0).fill_null(0.0),
    )


def _standard(routings: pl.DataFrame) -> pl.DataFrame:
    return routings.select(
        "item_code",
        "operation_code",
        "work_centre",
        quantity=pl.lit(None, dtype=pl.Float64),
        setup=pl.col("setup_minutes"),
        run=pl.col("run_minutes_per_unit"),
        age=pl.lit(0.0),
    )


def _numbered(frame: pl.DataFrame, plant: PlantData, book: RoutingBook) -> pl.DataFrame:
    """Replace codes by row numbers and make times that are missing or negative NaN."""
    items = plant.items.select("item_code").with_row_index("item").with_columns(pl.col("item").cast(pl.Int32))
    times = [
        pl.when(pl.col(name) >= 0).then(pl.col(name)).cast(pl.Float32).fill_null(np.nan) for name in ("setup", "run")
    ]
    return (
        frame.with_columns(*times, pl.col("work_centre").fill_null(""))
        .with_columns(_without_forgotten(name) for name in ("setup", "run"))
        .filter(pl.col("setup").is_not_nan() | pl.col("run").is_not_nan())
        .join(items, on="item_code")
        .join(_numbers(book.operations[:], "operation_code", "operation"), on="operation_code")
        .join(_numbers(book.centres[:], "work_centre", "centre"), on="work_centre")
        .with_columns(pl.col("quantity").cast(pl.Float32).fill_null(np.nan), pl.col("age").cast(pl.Float32))
        .select(_COLUMNS)
        .sort(
            "item", "operation", "age", "quantity", "run", "setup", descending=[False, False, True, False, False, False]
        )
    )


def _without_forgotten(name: str) -> pl.Expr:
    """Take a zero for a time nobody booked, unless most lots of the operation book none.

    A mean between nothing and the usual minutes would be right for no lot at all.
    """
    is_zero = pl.col(name) == 0
    forgotten = is_zero & (is_zero.mean().over("operation_code") < MOSTLY)
    return pl.when(~forgotten).then(pl.col(name)).fill_null(np.nan).alias(name)


def _numbers(codes: list[str], key: str, number: str) -> pl.DataFrame:
    return pl.DataFrame({key: codes, number: np.arange(len(codes), dtype=np.int32)}, schema_overrides={key: pl.String})


def typical_quantities(rows: TimeRows, items: int) -> Floats:
    """Return each item's median lot; the last entry is the plant's (1 where quantities are not known)."""
    known = ~np.isnan(rows.quantity)
    frame = pl.DataFrame({"item": rows.item[known], "quantity": rows.quantity[known]})
    medians = frame.group_by("item").agg(pl.col("quantity").median())
    typical = np.full(items + 1, np.nan, dtype=np.float32)
    typical[medians["item"].to_numpy()] = medians["quantity"].to_numpy()
    typical[items] = np.median(rows.quantity[known]) if known.any() else 1.0
    return typical
