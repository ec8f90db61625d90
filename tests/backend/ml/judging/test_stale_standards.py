"""Stale standards on small plants whose truth the test knows."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from backend.domain.plant import ROUTING_SCHEMA, WORK_ORDER_SCHEMA, PlantData
from backend.domain.standards import StaleStandard, StandardsReport
from backend.ml.judging.stale_standards import TOLERANCE, find_stale_standards

NOW = datetime(2026, 6, 30)  # noqa: DTZ001 - naive UTC throughout
ITEMS, OPERATIONS, LOTS = 60, ("CUT", "TURN", "PACK"), 6


def plant(
    factors: Mapping[tuple[int, str], float], *, spread: float = 0.1, booked: bool = True, lots: int = LOTS
) -> PlantData:
    """Make a plant of items with a standard of 10 + 2 a piece, done in so many times that."""
    rng = np.random.default_rng(3)
    rows = []
    for item in range(ITEMS):
        for lot in range(lots):
            finished = NOW - timedelta(days=int(rng.integers(1, 300)))
            for operation in OPERATIONS:
                factor = factors.get((item, operation), 1.0) * float(np.exp(spread * rng.normal()))
                planned = (None, None) if booked else (10.0 * factor, 200.0 * factor)
                times = (100.0, 10.0 * factor, 200.0 * factor, finished, finished, *planned)
                rows.append((f"WO{item}-{lot}", f"I{item:02}", 10, operation, "W1", True, *times))
    routings = [
        (f"I{item:02}", "01", 10, operation, operation.title(), "W1", True, 10.0, 2.0, None, None)
        for item in range(ITEMS)
        for operation in OPERATIONS
    ]
    return PlantData(
        pl.DataFrame({"item_code": [f"I{item:02}" for item in range(ITEMS)]}),
        pl.DataFrame(routings, ROUTING_SCHEMA, orient="row"),
        pl.DataFrame(rows, WORK_ORDER_SCHEMA, orient="row"),
        (),
    )


def named(report: StandardsReport) -> dict[tuple[str, str], StaleStandard]:
    return {(each.item_code, each.operation_code): each for each in report.stale}


def test_right_standards_are_not_named() -> None:
    report = find_stale_standards(plant({}), 100)
    assert (report.compared, report.found, report.stale) == (ITEMS * 3, 0, ())


def test_a_wrong_standard_is_named_with_what_it_takes_and_the_newest_lots() -> None:
    data = plant({(7, "TURN"): 2.0})
    report = find_stale_standards(data, 100)
    (found,) = report.stale
    assert (found.item_code, found.operation_code, found.lots) == ("I07", "TURN", LOTS)
    assert 1.5 < found.low < found.factor < found.high < 2.4
    assert found.standard_minutes_per_lot == pytest.approx(210.0)
    assert found.minutes_per_year == pytest.approx(LOTS * 210 * (found.factor - 1) * 365 / report.days)
    lots = data.work_orders.filter((pl.col("item_code") == "I07") & (pl.col("operation_code") == "TURN"))
    newest = lots.sort("finished_at", "work_order_code")["work_order_code"].tail(3).reverse().to_list()
    assert list(found.work_order_codes) == newest


@pytest.mark.parametrize("lots", [1, 2])
def test_scatter_is_not_taken_for_a_wrong_standard(lots: int) -> None:
    report = find_stale_standards(plant({}, spread=0.3, lots=lots), 1000)
    assert report.compared == ITEMS * 3
    assert report.found <= 3


def test_an_item_that_is_wrong_throughout_is_named_throughout_and_the_costliest_comes_first() -> None:
    factors = {(3, operation): 0.6 for operation in OPERATIONS} | {(9, "CUT"): 3.0}
    report = find_stale_standards(plant(factors), 100)
    assert set(named(report)) == {("I03", operation) for operation in OPERATIONS} | {("I09", "CUT")}
    assert report.stale[0].item_code == "I09"
    assert find_stale_standards(plant(factors), 2).stale == report.stale[:2]


def test_an_operation_that_is_slower_everywhere_makes_all_its_standards_stale() -> None:
    report = find_stale_standards(plant({(item, "PACK"): 1.5 for item in range(ITEMS)}), 1000)
    assert {operation for _, operation in named(report)} == {"PACK"}
    assert report.found == ITEMS


def test_a_deviation_within_the_tolerance_is_not_worth_a_look() -> None:
    report = find_stale_standards(plant({(7, "TURN"): 1 + TOLERANCE / 3}), 100)
    assert report.found == 0


def test_lots_booked_at_the_plan_prove_nothing() -> None:
    report = find_stale_standards(plant({(7, "TURN"): 2.0}, booked=False), 100)
    assert (report.compared, report.found) == (0, 0)


def test_of_several_valid_standards_none_is_blamed_and_expired_ones_do_not_count() -> None:
    data = plant({(7, "TURN"): 2.0})
    other = data.routings.filter((pl.col("item_code") == "I07") & (pl.col("operation_code") == "TURN")).with_columns(
        run_minutes_per_unit=pl.lit(4.0)
    )
    both = PlantData(data.items, pl.concat([data.routings, other]), data.work_orders, ())
    report = find_stale_standards(both, 100)
    assert (report.found, report.ambiguous, report.compared) == (0, 1, ITEMS * 3 - 1)
    expired = other.with_columns(valid_to=pl.lit(NOW - timedelta(days=400)))
    lasting = PlantData(data.items, pl.concat([data.routings, expired]), data.work_orders, ())
    assert find_stale_standards(lasting, 100).found == 1


def test_a_plant_without_lots_or_routings_has_nothing_to_compare() -> None:
    data = plant({})
    nothing = PlantData(data.items, data.routings, data.work_orders.clear(), ())
    assert find_stale_standards(nothing, 100) == StandardsReport(None, 0.0, 0, 0, 0, ())
    bare = PlantData(data.items, data.routings.clear(), data.work_orders, ())
    assert find_stale_standards(bare, 100).compared == 0
