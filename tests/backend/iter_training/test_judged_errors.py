"""Judged errors by segment and day."""

import math
from datetime import date, datetime, timedelta

import polars as pl
import pytest

from backend.domain.plant import WORK_ORDER_SCHEMA
from backend.iter_training.holdout import unseen_work
from backend.iter_training.judged_errors import DAILY_SUMS_SCHEMA, daily_sums, judged_errors
from backend.ml.comparison import LOT_SCHEMA, OPERATION_SCHEMA, Comparison

START = datetime(2025, 6, 1, 22, 0)  # noqa: DTZ001 - the product's timestamps are naive UTC


def judged(released: datetime | None = START) -> pl.DataFrame:
    """One lot of CUT (predicted 10, took 20) and LAP (predicted 10, took 10), of item A, labelled."""
    row = {
        "work_order_code": "WO",
        "item_code": "A",
        "quantity": 1.0,
        "setup_minutes": 0.0,
        "released_at": released,
        "work_centre": "W1",
    }
    rows = [
        row | {"sequence": n, "operation_code": code, "run_minutes": took, "finished_at": START + timedelta(days=n)}
        for n, code, took in ((1, "CUT", 20.0), (2, "LAP", 10.0))
    ]
    work = unseen_work(pl.DataFrame(rows, schema=WORK_ORDER_SCHEMA), START, START + timedelta(days=9))
    operations = pl.DataFrame(
        [
            {"row": n, "work_order_code": "WO", "item_code": "A", "operation_code": code, "work_centre": "W1"}
            | {"predicted_minutes": 10.0, "actual_minutes": took}
            for n, (code, took) in enumerate((("CUT", 20.0), ("LAP", 10.0)))
        ],
        schema=OPERATION_SCHEMA,
    ).with_columns(stratum=pl.lit("RING"), history=pl.lit("known"))
    return judged_errors(Comparison(pl.DataFrame(schema=LOT_SCHEMA), operations), work, "Asia/Seoul")


def test_an_operation_that_takes_twice_as_long_has_an_excess_of_log_2() -> None:
    assert judged()["excess"].to_list() == pytest.approx([math.log(2), 0.0])


def test_cohorts_are_days_of_the_plants_own_calendar() -> None:
    errors = judged()
    assert errors["started_on"].to_list() == [date(2025, 6, 2)] * 2, "22:00 UTC is the next morning in Seoul"
    assert errors["finished_on"].to_list() == [date(2025, 6, 3), date(2025, 6, 4)]


def test_without_start_dates_a_lots_cohort_is_the_day_it_was_finished() -> None:
    assert judged(released=None)["started_on"].to_list() == [date(2025, 6, 4)] * 2


def test_daily_sums_hold_every_segment_and_the_whole_plant() -> None:
    sums = daily_sums(judged())
    assert dict(sums.schema) == DAILY_SUMS_SCHEMA
    found = {(row["dimension"], row["value"]): row for row in sums.iter_rows(named=True)}
    assert set(found) == {
        ("all", "all"),
        ("part_type", "RING"),
        ("history", "known"),
        ("operation", "CUT"),
        ("operation", "LAP"),
        ("work_centre", "W1"),
    }
    whole = found["all", "all"]
    assert (whole["rows"], whole["items"]) == (2, 1)
    assert whole["excess"] == pytest.approx(math.log(2))
    assert whole["square"] == pytest.approx(math.log(2) ** 2)
    assert daily_sums(judged(), clock="finished_on").filter(pl.col("value") == "all").height == 2
