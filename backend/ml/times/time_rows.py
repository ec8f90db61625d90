"""Minutes that operations really took, as flat arrays; standard times where nothing was booked."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
import polars as pl

from backend.domain.plant import PlantData
from backend.errors import InsufficientDataError
from backend.ml.common.arrays import Floats, Ints
from backend.ml.history.bookings import BookingHabits, booked_at_plan, plan_tells_nothing
from backend.ml.history.histories import valid_routings
from backend.ml.history.routing_book import RoutingBook
from backend.ml.history.visits import LOT_OF_ROUTING, returning_operations, with_visits


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
    lot: Ints
    """Rows of one lot have one number; of standard times, those of one item."""
    booked: bool
    """False where these are standard times, for want of work orders."""
    habits: BookingHabits
    """How the rows were read."""
    visit: Ints | None = None
    """Which visit of its operation each row is (see history.visits); None where no operation returns."""
    sequence: Ints | None = None
    """Sequence numbers, where there are visits."""

    def __len__(self) -> int:
        return len(self.item)


TIME_COLUMNS: Final = (
    "work_order_code",
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
_COLUMNS: Final = ("item", "operation", "centre", "quantity", "setup", "run", "age", "lot")
_ORDER: Final = ("item", "operation", "age", "quantity", "run", "setup", "lot")
_VISIT: Final = ("visit", "sequence")


def read_time_rows(
    plant: PlantData, work_orders: pl.DataFrame, book: RoutingBook, as_of: datetime, habits: BookingHabits | None = None
) -> TimeRows:
    """Collect the times of known items; habits are learnt from the rows where none are given.

    Visits are told apart where the rows have them (see history.visits), and in standards where operations return.

    Raises InsufficientDataError where there are no habits and no times at all.
    """
    if habits is not None:
        return _of(_named(_booked(habits.measured(work_orders), as_of)), plant, book, habits, booked=True)
    all_count = plan_tells_nothing(work_orders)
    for frame, booked in (
        (_booked(work_orders if all_count else work_orders.filter(~booked_at_plan()), as_of), True),
        (_standard(with_visits(plant.routings, LOT_OF_ROUTING, returning_operations(book))), False),
    ):
        named = _named(frame)
        habits = BookingHabits.fit(named, book.operations, plan_tells_nothing=all_count)
        rows = _of(named, plant, book, habits, booked=booked)
        if len(rows):
            return rows
    raise InsufficientDataError(
        "operation times (work-order results or routing standards)", 0, 1, "load rows that have minutes"
    )


def _of(named: pl.DataFrame, plant: PlantData, book: RoutingBook, habits: BookingHabits, *, booked: bool) -> TimeRows:
    rows = _numbered(named, plant, book, habits)
    item, operation, centre, quantity, setup, run, age, lot = (rows[name].to_numpy() for name in _COLUMNS)
    visit, sequence = (rows[name].to_numpy() if name in rows.columns else None for name in _VISIT)
    return TimeRows(item, operation, centre, quantity, setup, run, age, lot, booked, habits, visit, sequence)


def read_standards(
    plant: PlantData, book: RoutingBook, as_of: datetime, habits: BookingHabits, typical: Floats
) -> TimeRows:
    """Collect the standard times of each item's valid routing, one row per operation, for the item's usual quantity.

    Of an operation that returns it is the median of its visits.
    """
    named = _named(_standard(valid_routings(plant.routings, as_of)))
    if returning_operations(book):
        visits = pl.col("setup", "run").fill_nan(None).median().over("item_code", "operation_code")
        named = named.with_columns(visits.cast(pl.Float32).fill_null(np.nan))
    rows = _numbered(named, plant, book, habits).unique(["item", "operation"], keep="first", maintain_order=True)
    item, operation, centre, _, setup, run, age, lot = (rows[name].to_numpy() for name in _COLUMNS)
    usual = np.where(np.isnan(typical[item]), typical[-1], typical[item])
    return TimeRows(item, operation, centre, usual, setup, run, age, lot, booked=False, habits=habits)


def _booked(work_orders: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    lot = pl.when(pl.col("quantity") > 0).then(pl.col("quantity"))
    age = (pl.lit(as_of) - pl.col("finished_at")).dt.total_seconds() / 86_400
    return work_orders.select(
        "item_code",
        "operation_code",
        "work_centre",
        *_visit_columns(work_orders),
        quantity=lot,
        setup=pl.col("setup_minutes"),
        run=pl.col("run_minutes") / lot.fill_null(1.0),
        age=age.clip(lower_bound=0).fill_null(0.0),
        lot=pl.struct("work_order_code", "item_code").hash(),
    )


def _standard(routings: pl.DataFrame) -> pl.DataFrame:
    return routings.select(
        "item_code",
        "operation_code",
        "work_centre",
        *_visit_columns(routings),
        quantity=pl.lit(None, dtype=pl.Float64),
        setup=pl.col("setup_minutes"),
        run=pl.col("run_minutes_per_unit"),
        age=pl.lit(0.0),
        lot=pl.col("item_code").hash(),
    )


def _visit_columns(rows: pl.DataFrame) -> list[pl.Expr]:
    return [pl.col("visit"), pl.col("sequence").fill_null(-1)] if "visit" in rows.columns else []


def _named(frame: pl.DataFrame) -> pl.DataFrame:
    """Make times that are missing or negative NaN."""
    times = [
        pl.when(pl.col(name) >= 0).then(pl.col(name)).cast(pl.Float32).fill_null(np.nan) for name in ("setup", "run")
    ]
    return frame.with_columns(*times, pl.col("work_centre").fill_null(""))


def _numbered(frame: pl.DataFrame, plant: PlantData, book: RoutingBook, habits: BookingHabits) -> pl.DataFrame:
    """Replace codes by numbers and leave out rows without any time."""
    columns = [*_COLUMNS, *(name for name in _VISIT if name in frame.columns)]
    order = list(dict.fromkeys((*_ORDER, *columns)))
    items = plant.items.select("item_code").with_row_index("item").with_columns(pl.col("item").cast(pl.Int32))
    return (
        frame.join(items, on="item_code")
        .join(_numbers(book.operations[:], "operation_code", "operation"), on="operation_code")
        .join(_numbers(book.centres[:], "work_centre", "centre"), on="work_centre")
        .with_columns(habits.without_forgotten())
        .filter(pl.col("setup").is_not_nan() | pl.col("run").is_not_nan())
        .with_columns(pl.col("quantity").cast(pl.Float32).fill_null(np.nan), pl.col("age").cast(pl.Float32))
        .select(columns)
        .sort(order, descending=[name == "age" for name in order])
    )


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
