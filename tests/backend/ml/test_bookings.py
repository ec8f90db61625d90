import numpy as np
import polars as pl
import pytest

from backend.ml.bookings import BookingHabits, booked_at_plan
from backend.ml.string_table import StringTable

NAN = float("nan")


def rows(*times: tuple[float, float]) -> pl.DataFrame:
    return pl.DataFrame(
        {"operation_code": ["CUT"] * len(times), "setup": [a for a, _ in times], "run": [b for _, b in times]}
    )


def habits(*times: tuple[float, float]) -> BookingHabits:
    operations = StringTable.of(pl.Series(["CUT", "PACK"]))
    return BookingHabits.fit(rows(*times), operations, always_at_plan=False)


def test_a_zero_is_a_time_where_most_lots_book_none() -> None:
    learnt = habits((0.0, 4.0), (0.0, 5.0), (7.0, 0.0))
    assert learnt.zero_set_up.tolist() == [True, False]
    assert learnt.zero_run.tolist() == [False, False]


def test_times_that_are_not_booked_at_all_do_not_outvote_zeros() -> None:
    assert habits((0.0, 1.0), (NAN, 1.0), (NAN, 1.0)).zero_set_up[0]


def test_forgotten_times_become_unknown_and_others_stay() -> None:
    learnt = habits((0.0, 4.0), (0.0, 5.0), (7.0, 0.0))
    frame = rows((0.0, 0.0), (3.0, 2.0)).with_columns(operation=pl.lit(0, dtype=pl.Int32))
    read = frame.with_columns(learnt.without_forgotten())
    assert read["setup"].to_list() == [0.0, 3.0]
    assert np.isnan(read["run"][0])
    assert read["run"][1] == 2.0


@pytest.mark.parametrize(
    ("setup", "planned_setup", "run", "planned_run", "booked"),
    [
        (1.0, 1.0, 2.0, 2.0, True),
        (1.0, None, 2.0, 2.0, True),
        (1.5, 1.0, 2.0, 2.0, False),
        (1.0, 1.0, 2.1, 2.0, False),
        (1.0, 1.0, 2.0, None, False),
        (1.0, 1.0, None, 2.0, False),
    ],
)
def test_a_row_is_booked_at_plan_when_all_that_is_planned_equals_what_was_booked(
    setup: float, planned_setup: float | None, run: float | None, planned_run: float | None, booked: bool
) -> None:
    frame = pl.DataFrame(
        {
            "setup_minutes": [setup],
            "planned_setup_minutes": [planned_setup],
            "run_minutes": [run],
            "planned_run_minutes": [planned_run],
        },
        schema_overrides={
            "planned_setup_minutes": pl.Float64,
            "planned_run_minutes": pl.Float64,
            "run_minutes": pl.Float64,
        },
    )
    assert frame.select(booked_at_plan()).item() is booked
