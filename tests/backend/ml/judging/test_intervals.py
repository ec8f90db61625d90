"""Intervals of metrics, on comparisons whose spread the test knows."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from backend.ml.judging.comparison import LOT_SCHEMA, OPERATION_SCHEMA, REPEAT_SCHEMA, Comparison, summarise
from backend.ml.judging.intervals import metric_intervals

PER_ITEM = 5


def comparison(items: int, seed: int, *, alike: float = 0.0) -> Comparison:
    """Make operations whose absolute error is 1 on average; `alike` of it is the item's own."""
    rng = np.random.default_rng(seed)
    item = np.repeat(np.arange(items), PER_ITEM)
    error = alike * rng.exponential(size=items)[item] + (1 - alike) * rng.exponential(size=len(item))
    codes = [f"I{n}" for n in item]
    right = (rng.random(items) < 0.8).tolist()
    lots = [(f"W{n}", f"I{n}", 0.9, right[n], right[n], 50.0, 55.0, 40.0, 60.0) for n in range(items)]
    rows = [(n, code, code, "CUT", "W1", 10.0 + error[n], 10.0, 8.0, 12.0, True, True) for n, code in enumerate(codes)]
    return Comparison(pl.DataFrame(lots, LOT_SCHEMA, orient="row"), pl.DataFrame(rows, OPERATION_SCHEMA, orient="row"))


def width(name: str, compared: Comparison) -> float:
    low, high = metric_intervals(compared)[name]
    return high - low


def test_an_interval_holds_its_value_and_is_the_same_every_time() -> None:
    compared = comparison(80, 1)
    found, metrics = metric_intervals(compared), summarise(compared)
    for name, (low, high) in found.items():
        assert low <= getattr(metrics, name) <= high, name
    assert found == metric_intervals(compared)
    assert "actual_cv" not in found, "nothing was made twice"


def with_repeats(items: int, seed: int) -> Comparison:
    """Add four lots of 10 minutes per item, each off by 20 % (standard deviation)."""
    rng = np.random.default_rng(seed)
    rows = [(f"I{n}", "CUT", "W1", 10.0, 0.0, 10.0 + 2 * rng.normal(), 0) for n in range(items) for _ in range(4)]
    return replace(comparison(items, seed), repeats=pl.DataFrame(rows, REPEAT_SCHEMA, orient="row"))


def test_the_shops_own_variation_has_an_interval_too() -> None:
    found = [metric_intervals(with_repeats(60, seed))["actual_cv"] for seed in range(12)]
    assert sum(low <= 0.2 <= high for low, high in found) >= 10
    assert all(high - low < 0.1 for low, high in found)
    assert width("actual_cv", with_repeats(240, 9)) == pytest.approx(
        width("actual_cv", with_repeats(60, 9)) / 2, rel=0.3
    )


@pytest.mark.parametrize(("items", "least"), [(8, 51), (60, 53)])
def test_about_nineteen_in_twenty_intervals_hold_the_truth(items: int, least: int) -> None:
    found = (metric_intervals(comparison(items, seed, alike=0.5))["mae"] for seed in range(60))
    assert sum(low <= 1.0 <= high for low, high in found) >= least


def test_four_times_the_items_halve_the_interval() -> None:
    assert width("mae", comparison(400, 2)) == pytest.approx(width("mae", comparison(100, 2)) / 2, rel=0.3)


def test_errors_that_an_item_repeats_make_the_interval_wider() -> None:
    assert width("mae", comparison(200, 3, alike=0.9)) > 1.5 * width("mae", comparison(200, 3))


def test_a_share_stays_between_zero_and_one() -> None:
    low, high = metric_intervals(comparison(6, 5))["exact_match"]
    assert 0 <= low < high <= 1


def test_a_share_that_all_items_have_in_common_is_not_certain() -> None:
    low, high = metric_intervals(comparison(30, 7))["work_centre_match"]
    assert low == pytest.approx(0.9)
    assert high == 1.0


def test_totals_of_a_few_items_have_no_interval_however_many_items_there_are() -> None:
    compared = comparison(80, 3)
    made_so = pl.int_range(pl.len()) < 2
    few = replace(compared, lots=compared.lots.with_columns(total_low=pl.when(made_so).then("total_low")))
    assert summarise(few).total_coverage == 1
    assert "total_coverage" not in metric_intervals(few)
    assert metric_intervals(compared)["total_coverage"] == (1 - 3 / 80, 1.0)


def test_a_part_of_many_items_tells_the_interval_of_all() -> None:
    assert width("mae", comparison(16_000, 8)) == pytest.approx(width("mae", comparison(1_000, 8)) / 4, rel=0.3)


def test_a_few_items_have_no_interval() -> None:
    assert metric_intervals(comparison(4, 6)) == {}
