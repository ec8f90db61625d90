"""What a plant's bookings mean: which minutes somebody measured, and where a zero is a time."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl

from backend.ml.arrays import Flags
from backend.ml.string_table import StringTable

SAME_MINUTES: Final = 1e-6
_MOSTLY: Final = 0.5
_TIMES: Final = ("setup", "run")


def booked_at_plan() -> pl.Expr:
    """Tell of work-order rows whether their minutes equal the plan to the digit: nobody measured them."""
    run = (pl.col("run_minutes") - pl.col("planned_run_minutes")).abs() < SAME_MINUTES
    setup = (pl.col("setup_minutes") - pl.col("planned_setup_minutes")).abs() < SAME_MINUTES
    return run.fill_null(value=False) & setup.fill_null(value=True)


@dataclass(frozen=True, slots=True)
class BookingHabits:
    """How the plant books, found out once in training: a day's few rows cannot tell.

    A zero is a time nobody booked, unless most lots of the operation book none: a mean between nothing and
    the usual minutes would be right for no lot at all.
    """

    always_at_plan: bool
    """Every row's minutes equal the plan; there is nothing better to learn from."""
    zero_set_up: Flags
    """Per operation: a set-up of zero minutes is a time."""
    zero_run: Flags

    @classmethod
    def fit(cls, rows: pl.DataFrame, operations: StringTable, *, always_at_plan: bool) -> "BookingHabits":
        """Learn from rows with operation_code and the minutes `setup` and `run` (NaN: not booked)."""
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
        return cls(always_at_plan, zero["setup"], zero["run"])

    def measured(self, work_orders: pl.DataFrame) -> pl.DataFrame:
        """Leave out work-order rows that were booked at the plan."""
        return work_orders if self.always_at_plan else work_orders.filter(~booked_at_plan())

    def without_forgotten(self) -> tuple[pl.Expr, pl.Expr]:
        """Return `setup` and `run` of rows with `operation` numbers, forgotten times made NaN."""
        zero = zip(_TIMES, (self.zero_set_up, self.zero_run), strict=True)
        setup, run = (_without_forgotten(name, np.flatnonzero(is_time).tolist()) for name, is_time in zero)
        return setup, run

    def to_parts(self) -> dict[str, Any]:
        """Return plain values and arrays."""
        return {"always_at_plan": self.always_at_plan, "zero_set_up": self.zero_set_up, "zero_run": self.zero_run}

    @classmethod
    def from_parts(cls, parts: dict[str, Any]) -> "BookingHabits":
        """Read what to_parts wrote."""
        return cls(parts["always_at_plan"], parts["zero_set_up"], parts["zero_run"])


def _without_forgotten(name: str, timed_at_zero: list[int]) -> pl.Expr:
    forgotten = (pl.col(name) == 0) & ~pl.col("operation").is_in(timed_at_zero)
    return pl.when(~forgotten).then(pl.col(name)).fill_null(np.nan).alias(name)
