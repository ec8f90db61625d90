from datetime import datetime, timedelta

import polars as pl

from backend.iter_training.training.refresher import over_days

MIDNIGHT = datetime(2026, 3, 2, 15)  # noqa: DTZ001 - naive UTC; midnight in Seoul


def finished(*moments: datetime) -> pl.DataFrame:
    return pl.DataFrame({"finished_at": moments})


def test_where_days_are_booked_without_times_the_newest_is_left_to_the_next_refresh() -> None:
    rows = finished(*(MIDNIGHT + timedelta(days=day) for day in (0, 0, 1, 2, 2)))
    assert over_days(rows)["finished_at"].max() == MIDNIGHT + timedelta(days=1)


def test_days_are_known_by_their_midnight_over_a_change_of_clocks() -> None:
    rows = finished(*(MIDNIGHT + timedelta(days=day, hours=-1 if day > 2 else 0) for day in range(5)))
    assert len(over_days(rows)) == 4


def test_moments_are_all_taken() -> None:
    rows = finished(*(MIDNIGHT + timedelta(hours=hours) for hours in (0, 1, 2, 3, 4, 5, 6, 7)))
    assert over_days(rows).equals(rows)


def test_of_three_shifts_a_day_the_newest_is_left() -> None:
    rows = finished(*(MIDNIGHT + timedelta(hours=8 * shift) for shift in (*range(9), 8, 8)))
    assert over_days(rows)["finished_at"].max() == MIDNIGHT + timedelta(hours=56)


def test_no_rows_stay_no_rows() -> None:
    assert not len(over_days(finished().cast({"finished_at": pl.Datetime})))
