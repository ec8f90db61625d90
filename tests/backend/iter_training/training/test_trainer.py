import time
from datetime import datetime, timedelta
from itertools import count
from unittest.mock import Mock

import polars as pl
import pytest

from backend.domain.plant import ROUTING_SCHEMA, TIMESTAMP, WORK_ORDER_SCHEMA, PlantData, QuarantineCount
from backend.errors import TooMuchBadDataError
from backend.iter_training.evaluation.holdout import mature_work, unseen_work
from backend.iter_training.evaluation.judging import item_labels
from backend.iter_training.evaluation.paired_test import LOG_ERROR_CAP
from backend.iter_training.evaluation.selection import clearly_better, is_for_selection, mean_loss, side_of
from backend.iter_training.evaluation.set_apart import days_set_apart
from backend.iter_training.training.challenger import cpu_milliseconds
from backend.iter_training.training.trainer import refuse_bad_data, unseen_by_both
from backend.ml.judging.comparison import LOT_SCHEMA, OPERATION_SCHEMA, Comparison

CUTOFF = datetime(2025, 6, 1)  # noqa: DTZ001 - the product's timestamps are naive UTC
UNTIL = CUTOFF + timedelta(days=28)


def work_orders(days: range) -> pl.DataFrame:
    """One lot of one operation per item and day."""
    rows = [
        {
            "work_order_code": f"WO{day:03}-{item}",
            "item_code": f"I{item}",
            "sequence": 10,
            "operation_code": "CUT",
            "quantity": 1.0,
            "setup_minutes": 1.0,
            "run_minutes": 2.0,
            "finished_at": CUTOFF + timedelta(days=day, hours=1),
        }
        for day in days
        for item in range(40)
    ]
    return pl.DataFrame(rows, schema=WORK_ORDER_SCHEMA)


def plant(orders: pl.DataFrame, routings: pl.DataFrame | None = None) -> PlantData:
    items = pl.DataFrame({"item_code": ["I0", "STANDARD", "LATER", "NEW"]})
    items = items.with_columns(created_at=pl.lit(None, dtype=TIMESTAMP))
    return PlantData(items, pl.DataFrame(schema=ROUTING_SCHEMA) if routings is None else routings, orders, ())


def test_who_chooses_the_challenger_never_judges_it() -> None:
    window = unseen_work(work_orders(range(3)), CUTOFF, UNTIL)
    choosing, judging = (set(side_of(window, selection=side).items()["item_code"]) for side in (True, False))
    assert choosing
    assert choosing.isdisjoint(judging)
    assert choosing | judging == set(window.items()["item_code"])


def test_three_items_in_ten_choose_and_always_the_same() -> None:
    chosen = [is_for_selection(f"ITEM{number:03}") for number in range(2000)]
    assert 0.25 < sum(chosen) / len(chosen) < 0.35
    assert is_for_selection("ITEM001") == is_for_selection("ITEM001")


@pytest.mark.parametrize(("champion_days", "first_judged_day"), [(-30, 0), (0, 0), (10, 10)])
def test_the_gate_judges_only_what_neither_has_seen(champion_days: int, first_judged_day: int) -> None:
    champion_cutoff = CUTOFF + timedelta(days=champion_days)
    window = unseen_by_both(work_orders(range(-40, 28)), CUTOFF, champion_cutoff, UNTIL)
    assert window.rows["finished_at"].min() == CUTOFF + timedelta(days=first_judged_day, hours=1)


def test_a_champion_that_learnt_from_everything_leaves_nothing_to_judge_on() -> None:
    assert unseen_by_both(work_orders(range(28)), CUTOFF, None, UNTIL).rows.is_empty()


def test_more_days_are_set_apart_where_the_newest_hold_too_few_whole_lots() -> None:
    rare = work_orders(range(-700, 28, 7))
    a_lot_a_week = rare.filter(pl.col("item_code") == "I0")
    assert days_set_apart(rare, UNTIL, 28, needed=100) == 28
    assert days_set_apart(a_lot_a_week, UNTIL, 28, needed=10) == 112
    assert days_set_apart(a_lot_a_week, UNTIL, 28, needed=1000) == 224, "two thirds stay to learn from"


def test_more_days_are_set_apart_until_they_hold_cohorts_old_enough_to_evaluate() -> None:
    quick = work_orders(range(-700, 28)).with_columns(released_at=pl.col("finished_at") - timedelta(days=1))
    slow = quick.with_columns(released_at=pl.col("finished_at") - timedelta(days=50))
    assert days_set_apart(quick, UNTIL, 28, needed=100, scored=50) == 28
    assert days_set_apart(slow, UNTIL, 28, needed=100, scored=0) == 28, "lots enough for a gate finished in 28 days"
    days = days_set_apart(slow, UNTIL, 28, needed=100, scored=50)
    assert mature_work(slow, UNTIL - timedelta(days=days), UNTIL).rows.height >= 50
    assert mature_work(slow, UNTIL - timedelta(days=days / 2), UNTIL).rows.height < 50, "no more than need be"


def test_a_long_record_spares_what_tells_small_gains_from_chance() -> None:
    few_a_day = pl.col("item_code").is_in([f"I{number}" for number in range(10)])
    long, short = (work_orders(range(-days, 28)).filter(few_a_day) for days in (7000, 700))
    assert days_set_apart(long, UNTIL, 28, needed=100, scored=50) == 224, "280 lots in 28 days, 3,000 in ten months"
    assert days_set_apart(short, UNTIL, 28, needed=100, scored=50) == 28, "the days are needed to learn from"


def test_a_missed_operation_costs_as_much_as_the_worst_time() -> None:
    lot = ("WO", "A", 0.5, False, False, 10.0, 10.0, None, None)
    operation = (0, "WO", "A", "CUT", "W", 10.0, 10.0, 9.0, 11.0, True, True)
    comparison = Comparison(
        pl.DataFrame([lot], schema=LOT_SCHEMA, orient="row"),
        pl.DataFrame([operation], schema=OPERATION_SCHEMA, orient="row"),
    )
    assert mean_loss(comparison) == LOG_ERROR_CAP / 2


@pytest.mark.parametrize(("items", "clear"), [(3, False), (60, True)])
def test_a_later_family_is_taken_only_where_it_beats_the_first_by_more_than_chance(items: int, clear: bool) -> None:
    def judged(factor: float) -> Comparison:
        rows = [
            (i, f"WO{i}", f"I{i}", "CUT", "W", 10 * factor, 10.0 + i % 3, 9.0, 11.0, True, True) for i in range(items)
        ]
        lots = [(f"WO{i}", f"I{i}", 1.0, True, True, 10.0, 10.0, None, None) for i in range(items)]
        return Comparison(
            pl.DataFrame(lots, schema=LOT_SCHEMA, orient="row"),
            pl.DataFrame(rows, schema=OPERATION_SCHEMA, orient="row"),
        )

    assert mean_loss(judged(1.1)) < mean_loss(judged(0.98))
    assert clearly_better(judged(1.1), judged(0.98)) is clear
    assert not clearly_better(judged(0.98), judged(1.1))


def test_too_many_rows_in_quarantine_stop_a_training_and_name_the_table() -> None:
    rows = {"items": 100, "work_orders": 100}
    data = plant(work_orders(range(1)))
    bad = PlantData(data.items, data.routings, data.work_orders, (), rows, (QuarantineCount("work_orders", "x", 30),))
    refuse_bad_data(bad, 0.3)
    with pytest.raises(TooMuchBadDataError, match=r"30.0% of the work_orders rows"):
        refuse_bad_data(bad, 0.2)


def test_history_says_what_there_was_to_learn_from_at_the_cutoff() -> None:
    standards = pl.DataFrame(
        {"item_code": ["STANDARD", "LATER"], "valid_from": [CUTOFF, CUTOFF + timedelta(days=1)]},
        schema_overrides={"valid_from": TIMESTAMP},
    )
    labels = item_labels(plant(work_orders(range(-1, 0)), standards), CUTOFF)
    assert dict(labels.select("item_code", "history").iter_rows()) == {
        "I0": "known",
        "STANDARD": "standard_only",
        "LATER": "new",
        "NEW": "new",
    }


def test_a_model_is_not_slow_because_its_machine_is_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    hours = count(step=3600)
    monkeypatch.setattr(time, "perf_counter", lambda: float(next(hours)))
    assert cpu_milliseconds(Mock(), ["A"] * 20, 3) < 200
