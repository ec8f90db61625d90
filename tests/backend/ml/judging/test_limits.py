"""The estimated floor and ceilings stand beside what simulation knows to be true."""

from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from backend.domain.plant import WORK_ORDER_SCHEMA
from backend.ml.common.arrays import Ragged
from backend.ml.judging.limits import SequenceCeiling, blended, mae_floor, repeat_ceiling
from backend.ml.judging.twins import twin_ceiling

START = datetime(2026, 1, 1)  # noqa: DTZ001 - naive UTC throughout


def orders(items: int, lots: int, minutes: np.ndarray, operations: list[list[str]] | None = None) -> pl.DataFrame:
    """Return one row per operation; `minutes` (item, lot) are run minutes of lots of 10 pieces."""
    rows = [
        {
            "work_order_code": f"L{item}-{lot:02d}",
            "item_code": f"I{item}",
            "sequence": 10 * (place + 1),
            "operation_code": code,
            "work_centre": "W1",
            "in_house": True,
            "quantity": 10.0,
            "setup_minutes": None,
            "run_minutes": float(minutes[item, lot]),
            "finished_at": START + timedelta(days=lot),
            "released_at": START,
            "planned_setup_minutes": None,
            "planned_run_minutes": None,
        }
        for item in range(items)
        for lot in range(lots)
        for place, code in enumerate(operations[item * lots + lot] if operations else ["CUT"])
    ]
    return pl.DataFrame(rows, schema=WORK_ORDER_SCHEMA)


def judged(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select("operation_code", actual_minutes="run_minutes")


@pytest.mark.parametrize("outliers", [0.0, 0.02])
def test_the_floor_is_the_error_of_who_knows_every_level_despite_drift_and_outliers(outliers: float) -> None:
    draw = np.random.default_rng(7)
    level = np.exp(draw.normal(3, 0.8, (1500, 1))) * (1 + 0.05 * np.arange(6))
    noise = np.exp(0.15 * draw.normal(size=(1500, 6))) * np.where(draw.random((1500, 6)) < outliers, 3.0, 1.0)
    rows = orders(1500, 6, level * noise)
    true = np.abs(level * noise - level).mean()

    floor = mae_floor(rows, judged(rows))

    assert floor == pytest.approx(true, rel=0.06)


def test_the_floor_is_for_the_operations_that_were_judged() -> None:
    draw = np.random.default_rng(1)
    rows = orders(300, 4, 50 * np.exp(0.1 * draw.normal(size=(300, 4))))
    twice_as_long = judged(rows).with_columns(pl.col("actual_minutes") * 2)

    assert mae_floor(rows, twice_as_long) == pytest.approx(2 * (mae_floor(rows, judged(rows)) or 0), rel=1e-3)


def test_the_effect_of_quantity_is_no_noise() -> None:
    rows = orders(200, 4, np.tile([10.0, 40.0, 10.0, 40.0], (200, 1)))
    large = pl.col("run_minutes") > 20
    rows = rows.with_columns(quantity=pl.when(large).then(100.0).otherwise(10.0))
    assert mae_floor(rows, judged(rows)) is None, "no two lots in a row are of a like quantity"
    small = rows.filter(~large)
    assert mae_floor(small, judged(small)) == 0.0


def test_nothing_repeated_gives_no_floor_and_no_ceiling() -> None:
    once = orders(50, 1, np.ones((50, 1)))
    assert mae_floor(once, judged(once)) is None
    assert repeat_ceiling(once) is None


def test_no_guess_beats_the_ceiling_and_the_best_one_comes_close() -> None:
    draw = np.random.default_rng(3)
    usual = draw.random((400, 8)) < 0.9
    sequences = [["CUT", "LAP", "PACK"] if each else ["CUT", "PACK"] for each in usual.ravel()]
    found = repeat_ceiling(orders(400, 8, np.ones((400, 8)), sequences))

    assert found is not None
    assert usual.mean() <= found.exact <= usual.mean() + 0.02
    best = usual.mean() + (1 - usual.mean()) * 2 / 3
    assert best <= found.process <= best + 0.03


def test_lots_that_are_not_through_say_nothing_of_the_sequence() -> None:
    rows = orders(400, 2, np.ones((400, 2)), [["CUT", "LAP"], ["CUT"]] * 400)
    open_rows = rows.with_columns(
        finished_at=pl.when(~pl.col("work_order_code").str.ends_with("-01")).then("finished_at")
    )
    assert repeat_ceiling(open_rows) is None


def test_twins_with_different_routings_lower_the_ceiling_for_new_items() -> None:
    material, size = np.repeat(np.arange(100), 10), np.zeros(1000, dtype=np.int64)
    label = (np.random.default_rng(5).random(1000) < 0.2).astype(np.int64)
    sequences = Ragged(np.array([0, 2, 3]), np.array([0, 1, 0]))

    found = twin_ceiling([material, size], label, sequences)

    assert found is not None
    assert 0.8 <= found.exact <= 0.85
    assert twin_ceiling([np.arange(1000)], label, sequences) is None, "nobody has a twin"


def test_a_part_that_nothing_is_known_of_could_be_all_right() -> None:
    known = SequenceCeiling(0.8, 0.9)
    assert blended([(3, known), (1, None)]) == SequenceCeiling(0.85, 0.925)
    assert blended([(3, None), (1, None)]) is None
    assert blended([(0, known), (2, None)]) is None


def test_the_floor_holds_each_visit_of_an_operation_against_the_same_visit_of_the_lot_before() -> None:
    draw = np.random.default_rng(12)
    visits = np.exp(draw.normal(3, 0.5, (40, 1, 4)))
    minutes = visits * np.exp(0.15 * draw.normal(size=(40, 6, 4)))
    once = orders(40, 6, np.zeros((40, 6)), [["CUT", "TURN", "CUT", "CUT", "CUT"]] * 240)
    once = once.filter(pl.col("operation_code") == "CUT").sort("item_code", "work_order_code", "sequence")
    names = [f"I{item}" for item in sorted(range(40), key=str)]
    sorted_minutes = minutes[[int(name[1:]) for name in names]]
    rows = once.with_columns(run_minutes=pl.Series(sorted_minutes.ravel()))

    floor = mae_floor(rows, judged(rows))

    assert floor == pytest.approx(np.abs(minutes - visits).mean(), rel=0.06)


def test_a_visit_booked_at_plan_is_not_compared_but_counts_among_the_visits() -> None:
    draw = np.random.default_rng(13)
    visits = np.exp(draw.normal(3, 0.5, (200, 1, 3)))
    minutes = visits * np.exp(0.1 * draw.normal(size=(200, 6, 3)))
    rows = orders(200, 6, np.zeros((200, 6)), [["CUT", "CUT", "CUT"]] * 1200).sort(
        "item_code", "work_order_code", "sequence"
    )
    in_order = minutes[sorted(range(200), key=str)]
    plan = np.where(draw.random(in_order.shape) < 0.3, in_order, in_order * np.exp(draw.normal(0, 1, in_order.shape)))
    rows = rows.with_columns(run_minutes=pl.Series(in_order.ravel()), planned_run_minutes=pl.Series(plan.ravel()))

    floor = mae_floor(rows, judged(rows))

    assert floor == pytest.approx(np.abs(minutes - visits).mean(), rel=0.06)
