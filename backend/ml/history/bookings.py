"""What a plant's bookings mean: which minutes somebody measured, and where a zero is a time."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl

from backend.ml.common.arrays import Flags, Floats
from backend.ml.common.string_table import StringTable

SAME_MINUTES: Final = 1e-6
_TOLD_APART: Final = 20
"""Rows at the plan: fewer cannot tell whether they are there by chance."""
_BY_CHANCE: Final = 1.5
"""Rows at the plan, as a multiple of those at its most frequent near miss: so many may be there by chance."""
_MOSTLY: Final = 0.5
_GRID_ROWS: Final = 0.1
"""Share of lots that take one step of the grid where it is coarse; clocks that show whole minutes are fine."""
_ON_GRID: Final = 0.99
_GRID_ERROR: Final = 0.01
_TIMES: Final = ("setup", "run")


def booked_at_plan() -> pl.Expr:
    """Tell of work-order rows whether their minutes equal the plan to the digit: nobody measured them.

    Where plan and times come in whole days, many are equal though measured: by chance, as many again miss the plan
    by a day. Equal rows that do not stand out from near misses are measured ones. No minutes at a plan of none are
    no sign of it: outsourced operations have neither.
    """
    apart = (pl.col("run_minutes") - pl.col("planned_run_minutes")).abs()
    run = (apart < SAME_MINUTES).fill_null(value=False)
    setup = (pl.col("setup_minutes") - pl.col("planned_setup_minutes")).abs() < SAME_MINUTES
    equal = run & setup.fill_null(value=True) & _has_minutes()
    missed = apart.filter(apart >= SAME_MINUTES)
    stands_out = equal.sum() > _BY_CHANCE * missed.round(3).unique_counts().max().fill_null(0)
    steps = pl.col("run_minutes") / missed.min()
    is_coarse = ((steps - steps.round()).abs() <= _GRID_ERROR).mean() >= _ON_GRID
    return equal & ((equal.sum() < _TOLD_APART) | stands_out | ~is_coarse.fill_null(value=False))


def plan_tells_nothing(work_orders: pl.DataFrame) -> bool:
    """Tell whether rows at the plan are no worse than others: all are, or as many as chance would have."""
    equal = ((pl.col("run_minutes") - pl.col("planned_run_minutes")).abs() < SAME_MINUTES) & _has_minutes()
    counts = {"booked": booked_at_plan(), "equal": equal, "timeless": ~_has_minutes()}
    facts = work_orders.select(rows.sum().alias(name) for name, rows in counts.items()).row(0, named=True)
    all_are = facts["booked"] == len(work_orders) - facts["timeless"] > 0
    return all_are or (facts["equal"] >= _TOLD_APART and not facts["booked"])


def _has_minutes() -> pl.Expr:
    """Tell of work-order rows whether they have any minutes; unknown ones count as some."""
    run, setup = (pl.col(name).fill_null(value) for name, value in (("run_minutes", 1.0), ("setup_minutes", 0.0)))
    return (run > 0) | (setup > 0)


@dataclass(frozen=True, slots=True)
class BookingHabits:
    """How the plant books, found out once in training: a day's few rows cannot tell.

    A zero is a time nobody booked, unless most lots of the operation book none: a mean between nothing and
    the usual minutes would be right for no lot at all. Where times come in whole days, an operation of which many
    take a day takes less than a day where it says zero.
    """

    plan_tells_nothing: bool
    """Rows whose minutes equal the plan are learnt from: all are such rows, or they are so by chance."""
    zero_set_up: Flags
    """Per operation: a set-up of zero minutes is a time."""
    zero_run: Flags
    short_run: Floats
    """Per operation: the minutes of a lot that a run of zero stands for, NaN where it stands for none."""

    @classmethod
    def fit(cls, rows: pl.DataFrame, operations: StringTable, *, plan_tells_nothing: bool) -> "BookingHabits":
        """Learn from rows with operation_code, quantity and the minutes `setup` and `run` (NaN: not booked)."""
        booked = [pl.col(name).filter(pl.col(name).is_not_nan()) for name in _TIMES]
        shares = rows.group_by("operation_code").agg(
            ((times == 0).mean() >= _MOSTLY).fill_null(value=False).alias(name)
            for name, times in zip(_TIMES, booked, strict=True)
        )
        zero = {name: np.zeros(len(operations), dtype=np.bool_) for name in _TIMES}
        for code, *is_time in shares.drop_nulls("operation_code").iter_rows():
            number = operations.find(code)
            if number >= 0:
                zero["setup"][number], zero["run"][number] = is_time
        return cls(plan_tells_nothing, zero["setup"], zero["run"], _short_run(rows, operations))

    def measured(self, work_orders: pl.DataFrame) -> pl.DataFrame:
        """Leave out work-order rows that were booked at the plan."""
        return work_orders if self.plan_tells_nothing else work_orders.filter(~booked_at_plan())

    def without_forgotten(self) -> tuple[pl.Expr, pl.Expr]:
        """Return `setup` and `run` of rows with `operation` numbers: NaN if forgotten, short ones as what they are."""
        zero = zip(_TIMES, (self.zero_set_up, self.zero_run), strict=True)
        setup, run = (_without_forgotten(name, np.flatnonzero(is_time).tolist()) for name, is_time in zero)
        short = np.flatnonzero(~np.isnan(self.short_run))
        if not short.size:
            return setup, run
        lot = pl.col("operation").replace_strict(short, self.short_run[short], default=None, return_dtype=pl.Float64)
        of_lot = (lot / pl.col("quantity").fill_null(1.0)).cast(pl.Float32)
        return setup, pl.when((pl.col("run") == 0) & of_lot.is_not_null()).then(of_lot).otherwise(run).alias("run")

    def to_parts(self) -> dict[str, Any]:
        """Return plain values and arrays."""
        return {
            "plan_tells_nothing": self.plan_tells_nothing,
            "zero_set_up": self.zero_set_up,
            "zero_run": self.zero_run,
            "short_run": self.short_run,
        }

    @classmethod
    def from_parts(cls, parts: dict[str, Any]) -> "BookingHabits":
        """Read what to_parts wrote."""
        return cls(parts["plan_tells_nothing"], parts["zero_set_up"], parts["zero_run"], parts["short_run"])


def _short_run(rows: pl.DataFrame, operations: StringTable) -> Floats:
    """Return half a step of the plant's grid of times for operations of which many take a step, NaN for others."""
    short = np.full(len(operations), np.nan)
    lots = rows.select("operation_code", lot=pl.col("run") * pl.col("quantity").fill_null(1.0))
    booked = lots.filter(pl.col("lot").is_not_nan())
    step = _grid(booked.filter(pl.col("lot") > 0)["lot"])
    if step is None:
        return short
    at_step = (pl.col("lot") / step - 1).abs() <= _GRID_ERROR
    counts = booked.group_by("operation_code").agg(none=(pl.col("lot") == 0).sum(), one=at_step.sum())
    taken = counts.drop_nulls("operation_code").filter(
        (pl.col("none") > 0) & (pl.col("one") >= _MOSTLY * pl.col("none"))
    )
    for code in taken["operation_code"].to_list():
        number = operations.find(code)
        if number >= 0:
            short[number] = step / 2
    return short


def _grid(lots: pl.Series) -> float | None:
    """Return the step that all times are multiples of, as where they come in whole days; None where they are fine."""
    least = lots.min()
    if not isinstance(least, float):
        return None
    steps = (lots / least).to_numpy()
    is_frequent = np.mean(np.abs(steps - 1) <= _GRID_ERROR) >= _GRID_ROWS
    is_grid = np.mean(np.abs(steps - np.round(steps)) <= _GRID_ERROR) >= _ON_GRID
    return least if is_frequent and is_grid else None


def _without_forgotten(name: str, timed_at_zero: list[int]) -> pl.Expr:
    forgotten = (pl.col(name) == 0) & ~pl.col("operation").is_in(timed_at_zero)
    return pl.when(~forgotten).then(pl.col(name)).fill_null(np.nan).alias(name)
