"""What is said to have changed in made-up plants, and what is not."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from backend.domain.drift import DriftReport, ErrorDrift
from backend.domain.quality import Alert, Severity
from backend.domain.trigger import Level, Promise
from backend.iter_training.drift.drift_report import with_causes
from backend.iter_training.drift.error_drift import excesses, find_error_drift, usual_excesses
from backend.iter_training.evaluation.levels import segment_levels

START = datetime(2026, 3, 1)  # noqa: DTZ001 - the product's timestamps are naive UTC
DAYS = 28
CENTRES = 20


def plant(seed: int, per_day: int = 200) -> pl.DataFrame:
    """Four weeks of rows with noise of 0.15 that an item's operations share in part; ten operations, 20 centres."""
    rng = np.random.default_rng(seed)
    count, items = DAYS * per_day, 400
    item = rng.integers(0, items, count)
    centre = rng.integers(0, CENTRES, count)
    operation = centre % 10  # two centres each
    error = 0.14 * rng.normal(size=count) + 0.05 * rng.normal(size=items)[item]
    days = np.sort(rng.integers(0, DAYS, count))
    return pl.DataFrame(
        {
            "item_code": np.char.add("I", item.astype(str)),
            "operation_code": np.char.add("OP", operation.astype(str)),
            "work_centre": np.char.add("W", centre.astype(str)),
            "stratum": np.char.add("T", (item % 4).astype(str)),
            "plant": "",
            "day": [START.date() + timedelta(days=day) for day in days.tolist()],
            "excess": error,
        }
    )


def slower(rows: pl.DataFrame, by: float, where: pl.Expr, from_day: int = 18) -> pl.DataFrame:
    changed = where & (pl.col("day") >= START.date() + timedelta(days=from_day))
    return rows.with_columns(excess=pl.col("excess") + pl.when(changed).then(np.log1p(by)).otherwise(0.0))


def biases(rows: pl.DataFrame, column: str) -> dict[str, Level]:
    return dict(segment_levels(-rows["excess"].to_numpy(), rows["item_code"], rows[column]))


def found(rows: pl.DataFrame) -> list[tuple[str, str]]:
    return [(one.dimension, one.value) for one in find_error_drift(rows, {})]


def test_a_slower_work_centre_is_named_with_the_day_and_the_change() -> None:
    (one,) = find_error_drift(slower(plant(1), 0.22, pl.col("work_centre") == "W4"), {})
    assert (one.dimension, one.value) == ("work_centre", "W4")
    assert one.since == date(2026, 3, 19)
    assert not one.began_before
    assert one.low_pct < 22 < one.high_pct
    assert one.sentence.startswith("work centre W4 takes 2")
    assert "longer since 2026-03-19 (" in one.sentence


def test_an_operation_slower_on_all_its_machines_is_told_once_as_the_operation() -> None:
    assert found(slower(plant(2), 0.2, pl.col("operation_code") == "OP3")) == [("operation", "OP3")]


def test_a_slower_plant_is_told_once_and_not_per_machine() -> None:
    assert found(slower(plant(3), 0.12, pl.lit(value=True))) == [("plant", "")]


def test_two_changes_at_once_are_told_apart() -> None:
    rows = slower(plant(4), 0.25, pl.col("work_centre") == "W1")
    rows = slower(rows, -0.2, pl.col("operation_code") == "OP7", 10)
    assert set(found(rows)) == {("work_centre", "W1"), ("operation", "OP7")}


def test_a_slow_third_of_the_plant_is_named_by_its_parts_and_the_rest_is_not_called_fast() -> None:
    slow = pl.col("operation_code").is_in(["OP0", "OP1", "OP2"])
    assert sorted(found(slower(plant(5), 0.3, slow))) == [("operation", f"OP{n}") for n in range(3)]


def test_what_began_before_the_first_day_is_said_to_be_older() -> None:
    (one,) = find_error_drift(slower(plant(6), 0.2, pl.col("work_centre") == "W9", 0), {})
    assert one.began_before
    assert one.since == START.date()
    assert "since 2026-03-01 or before" in one.sentence


@pytest.mark.parametrize("seed", range(10, 20))
def test_nothing_is_said_of_a_plant_where_nothing_has_changed(seed: int) -> None:
    assert found(plant(seed)) == []


def test_operations_of_few_items_prove_nothing() -> None:
    """One item's 300 operations are slow: its own peculiarity, not its machine's."""
    rows = plant(7).with_columns(
        work_centre=pl.when(pl.col("item_code").is_in([f"I{n}" for n in range(8)]))
        .then(pl.lit("W99"))
        .otherwise("work_centre")
    )
    assert found(slower(rows, 0.3, pl.col("work_centre") == "W99")) == []


def test_a_day_of_few_operations_is_not_called_the_beginning_however_far_off_they_are() -> None:
    rows = slower(plant(9, per_day=60), 0.2, pl.lit(value=True))
    last = rows.tail(3).with_columns(day=START.date() + timedelta(days=DAYS), excess=pl.lit(4.0))
    (one,) = find_error_drift(pl.concat([rows, last]), {})
    assert (one.dimension, one.since) == ("plant", date(2026, 3, 19))


def test_a_segment_that_was_always_misjudged_has_not_changed() -> None:
    rows = slower(plant(8), 0.2, pl.col("work_centre") == "W5", 0)
    promise = Promise({}, {f"bias of {name}": biases(rows, name) for name in ("work_centre", "operation_code")})
    assert found(rows) == [("work_centre", "W5")]
    assert find_error_drift(rows, usual_excesses(promise)) == ()
    assert find_error_drift(plant(8), usual_excesses(promise)) == (), "nor has it where a refresh has mended it"


def test_no_rows_tell_nothing() -> None:
    assert find_error_drift(plant(1).clear(), {}) == ()


def test_excess_is_positive_where_it_took_longer_and_days_are_the_plants_own() -> None:
    moment = datetime(2026, 3, 1, 22, tzinfo=UTC).replace(tzinfo=None)
    row = {"item_code": "A", "operation_code": "CUT", "work_centre": None, "stratum": "RING", "finished_at": moment}
    operations = pl.DataFrame([row | {"predicted_minutes": 10.0, "actual_minutes": 20.0}])
    rows = excesses(operations, "Asia/Seoul")
    assert rows["excess"].to_list() == pytest.approx([np.log(2)])
    assert rows["day"].to_list() == [date(2026, 3, 2)]


def test_alerts_say_what_has_changed() -> None:
    alert = Alert("mae", 6.0, 5.0, Severity.WARNING, "mae is 6 min, above the threshold 5 min")
    day = date(2026, 3, 3)
    errors = tuple(
        ErrorDrift("operation", f"OP{n}", 9.0, 5.0, 13.0, day, False, 90, 40, f"sentence {n}") for n in range(4)
    )
    drift = DriftReport(day, day, 100, errors)
    (told,) = with_causes((alert,), drift)
    assert told == replace(
        alert, message=f"{alert.message}. What has changed: sentence 0; sentence 1; sentence 2; and 1 more"
    )
    assert with_causes((alert,), replace(drift, errors=())) == (alert,)
    assert with_causes((alert,), None) == (alert,)
