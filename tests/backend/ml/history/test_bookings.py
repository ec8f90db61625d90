import numpy as np
import polars as pl
import pytest

from backend.ml.common.string_table import StringTable
from backend.ml.history.bookings import BookingHabits, booked_at_plan, plan_tells_nothing

NAN = float("nan")


def rows(*times: tuple[float, float]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "operation_code": ["CUT"] * len(times),
            "quantity": [1.0] * len(times),
            "setup": [a for a, _ in times],
            "run": [b for _, b in times],
        }
    )


def habits(*times: tuple[float, float]) -> BookingHabits:
    operations = StringTable.of(pl.Series(["CUT", "PACK"]))
    return BookingHabits.fit(rows(*times), operations, plan_tells_nothing=False)


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
        (0.0, 0.0, 0.0, 0.0, False),
        (0.0, None, 0.0, 0.0, False),
        (5.0, 5.0, 0.0, 0.0, True),
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


def test_all_rows_at_plan_are_learnt_from_though_outsourced_ones_have_no_minutes() -> None:
    minutes = pl.DataFrame({"setup_minutes": [1.0, 0.0], "run_minutes": [2.0, 0.0]})
    planned = minutes.select(pl.all().name.prefix("planned_"))
    assert plan_tells_nothing(pl.concat([minutes, planned], how="horizontal"))


def test_outsourced_rows_without_minutes_do_not_make_a_plan_tell_nothing() -> None:
    minutes = pl.DataFrame({"setup_minutes": [1.0] + [0.0] * 30, "run_minutes": [2.5] + [0.0] * 30})
    planned = pl.DataFrame({"planned_setup_minutes": [1.0] + [0.0] * 30, "planned_run_minutes": [2.0] + [0.0] * 30})
    rows = pl.concat([minutes, planned], how="horizontal")
    assert not plan_tells_nothing(rows)
    assert not rows.select(booked_at_plan()).to_series().any()


def test_a_run_of_no_days_is_half_a_day_where_many_take_a_day_and_forgotten_where_none_does() -> None:
    days = [0.0] * 4 + [1.0] * 5 + [2.0] * 2 + [3.0]
    often = pl.DataFrame({"operation_code": "CUT", "quantity": 1.0, "setup": 0.0, "run": [1440 * day for day in days]})
    seldom = often.with_columns(
        operation_code=pl.lit("PACK"), run=pl.when(pl.col("run") > 0).then(28_800.0).otherwise("run")
    )
    operations = StringTable.of(pl.Series(["CUT", "PACK"]))
    learnt = BookingHabits.fit(pl.concat([often, seldom]), operations, plan_tells_nothing=False)
    assert learnt.short_run[0] == 720
    assert np.isnan(learnt.short_run[1])
    frame = pl.DataFrame({"operation": [0, 0, 1], "quantity": [4.0, 1.0, 1.0], "setup": 0.0, "run": [0.0, 1440.0, 0.0]})
    assert frame.select(learnt.without_forgotten()[1])["run"].to_list() == pytest.approx([180, 1440, NAN], nan_ok=True)


def test_a_zero_stays_forgotten_where_the_clock_shows_minutes_and_few_lots_take_one() -> None:
    minutes = [0.0] * 4 + [1.0] * 3 + [float(30 + lot) for lot in range(60)]
    booked = pl.DataFrame({"operation_code": "CUT", "quantity": 1.0, "setup": 0.0, "run": minutes})
    learnt = BookingHabits.fit(booked, StringTable.of(pl.Series(["CUT"])), plan_tells_nothing=False)
    assert np.isnan(learnt.short_run[0])


def planned(actual: list[float], plan: list[float]) -> pl.DataFrame:
    columns = {"run_minutes": actual, "planned_run_minutes": plan}
    return pl.DataFrame(columns).with_columns(setup_minutes=0.0, planned_setup_minutes=pl.lit(None, dtype=pl.Float64))


def test_whole_days_that_happen_to_equal_the_plan_are_measured_and_those_that_stand_out_are_not() -> None:
    draw = np.random.default_rng(4)
    plan = draw.integers(1, 6, 400).astype(float)
    days = planned([1440 * day for day in np.round(plan * draw.lognormal(0, 0.4, 400))], [1440 * day for day in plan])
    assert (days["run_minutes"] == days["planned_run_minutes"]).mean() > 0.25  # type: ignore[operator]
    assert not days.select(booked_at_plan()).to_series().any()
    assert plan_tells_nothing(days)
    half = planned(days["planned_run_minutes"].to_list(), days["planned_run_minutes"].to_list())
    both = pl.concat([days, half])
    assert both.select(booked_at_plan()).to_series().tail(400).all()
    assert not plan_tells_nothing(both)
