from datetime import datetime, timedelta
from typing import Any

import polars as pl

from backend.domain.plant import WORK_ORDER_SCHEMA
from backend.iter_training.evaluation.holdout import mature_work, newest_finish, repeat_rows, unseen_work
from backend.iter_training.evaluation.maturity import maturity_days

CUTOFF = datetime(2025, 6, 1)  # noqa: DTZ001 - the product's timestamps are naive UTC
NEWEST = CUTOFF + timedelta(days=28)


def lot(code: str, start: float, lead: float | None, item: str = "A", **changes: Any) -> list[dict[str, Any]]:
    """Two operations of a lot; start and lead in days, counted from the cutoff."""
    released = CUTOFF + timedelta(days=start)
    finished = None if lead is None else released + timedelta(days=lead)
    row = {
        "work_order_code": code,
        "item_code": item,
        "in_house": True,
        "work_centre": "W1",
        "quantity": 10.0,
        "setup_minutes": 5.0,
        "run_minutes": 31.4,
        "planned_setup_minutes": 5.0,
        "planned_run_minutes": 30.0,
        "released_at": released,
        "finished_at": finished,
    } | changes
    return [row | {"sequence": 20, "operation_code": "LAP"}, row | {"sequence": 10, "operation_code": "CUT"}]


def orders(*lots: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame([row for one in lots for row in one], schema=WORK_ORDER_SCHEMA)


HISTORY = [lot(f"H{n}", -100 + n, 5, item="H") for n in range(40)]


def test_only_lots_finished_after_the_cutoff_are_judged_in_operation_order() -> None:
    work = unseen_work(orders(*HISTORY, lot("SEEN", -9, 8), lot("NEW", 2, 5)), CUTOFF, NEWEST)
    found = work.lots()
    assert [one.work_order_code for one in found] == ["NEW"]
    assert found[0].operation_codes == ("CUT", "LAP")
    assert found[0].minutes == (36.4, 36.4)


def test_open_and_half_seen_lots_are_left_out_and_counted() -> None:
    half = lot("HALF", -2, 3)
    half[1]["finished_at"] = CUTOFF - timedelta(days=1)
    work = unseen_work(orders(*HISTORY, half, lot("OPEN", 3, None), lot("NEW", 2, 5)), CUTOFF, NEWEST)
    assert work.excluded == {"partly_finished_before_the_cutoff": 2, "still_open": 2}
    assert work.rows["work_order_code"].unique().to_list() == ["NEW"]


def test_cohorts_go_by_start_date_and_only_mature_ones_count() -> None:
    plant = orders(*HISTORY, lot("LONG", -4, 20), lot("NEW", 2, 5), lot("LATE", 26, 1))
    work = mature_work(plant, CUTOFF, NEWEST)
    assert work.maturity_days == 5.0
    assert work.rows["work_order_code"].unique().to_list() == ["NEW"]
    assert work.excluded == {"started_before_the_cutoff": 2, "started_too_late_for_a_mature_cohort": 2}


def test_without_start_dates_every_unseen_lot_counts() -> None:
    work = mature_work(orders(lot("NEW", 2, 5, released_at=None)), CUTOFF, NEWEST)
    assert work.maturity_days is None
    assert work.rows.height == 2


def test_a_time_booked_exactly_at_plan_is_not_judged_but_its_operation_is() -> None:
    booked = lot("BOOKED", 2, 5)
    booked[0]["run_minutes"] = 30.0
    work = unseen_work(orders(booked), CUTOFF, NEWEST)
    assert work.excluded == {"booked_at_plan": 1}
    (found,) = work.lots()
    assert found.operation_codes == ("CUT", "LAP")
    assert found.minutes == (36.4, None)


def test_the_newest_finish_is_the_plants_own_date() -> None:
    assert newest_finish(orders(*HISTORY, lot("OPEN", 3, None))) == CUTOFF + timedelta(days=-100 + 39 + 5)
    assert newest_finish(orders()) is None


def test_repeat_orders_leave_out_what_was_not_measured() -> None:
    booked = lot("BOOKED", 2, 5, run_minutes=30.0)
    rows = repeat_rows(orders(booked, lot("NEW", 2, 5), lot("OPEN", 3, None), lot("B", 1, 2, item="B")), ["A"])
    assert rows["run_minutes"].to_list() == [31.4, 31.4]


def test_a_cohort_is_mature_when_19_lots_in_20_have_had_the_time_to_finish() -> None:
    leads = [1.0] * 90 + [12.0] * 10
    history = [lot(f"L{n}", -100 + n / 2, lead) for n, lead in enumerate(leads)]
    assert maturity_days(orders(*history), CUTOFF) == 12.0


def test_lots_still_open_make_maturity_longer_than_the_finished_ones_alone_tell() -> None:
    """A lot begins every day and takes 2 or 20 days by turns; it is day 30."""
    begun = [(n - 30, 2.0 if n % 2 else 20.0) for n in range(30)]
    history = [lot(f"L{n}", start, lead if start + lead <= 0 else None) for n, (start, lead) in enumerate(begun)]
    finished = [lead for start, lead in begun if start + lead <= 0]
    assert finished.count(2.0) > 2 * finished.count(20.0)
    assert maturity_days(orders(*history), CUTOFF) == 20.0


def test_lots_that_nobody_will_ever_finish_do_not_keep_every_cohort_young() -> None:
    forgotten = [lot(f"F{n}", -300 + n, None) for n in range(20)]
    assert maturity_days(orders(*HISTORY, *forgotten), CUTOFF) == 5.0


def test_a_record_without_start_dates_or_finished_lots_has_no_maturity() -> None:
    assert maturity_days(orders(lot("NEW", 2, 5, released_at=None)), NEWEST) is None
    assert maturity_days(orders(lot("OPEN", 2, None)), NEWEST) is None
