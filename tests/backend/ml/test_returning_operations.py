"""Operations that come back in one routing: each visit has its own time, its own evidence, and keeps them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from backend.domain.models import BundleParts
from backend.domain.plant import WORK_ORDER_SCHEMA, PlantData
from backend.domain.prediction import Candidate, PredictionQuery
from backend.ml.common.arrays import Floats
from backend.ml.model import FAMILIES, FitOptions, RoutingModel, fit_model
from backend.registry.bundle import part_files
from tests.backend.ml.returning_plant import DAYS, NOISE, PIECES, START, ReturningPlant, lot_rows, make_returning_plant

ITEM = "F0-000"
END = START + timedelta(days=DAYS)


@pytest.fixture(scope="module")
def made() -> ReturningPlant:
    return make_returning_plant()


@pytest.fixture(scope="module", params=FAMILIES)
def model(request: pytest.FixtureRequest, made: ReturningPlant) -> RoutingModel:
    return fit_model(made.plant, None, FitOptions(family=request.param))


def best_of(model: RoutingModel, item: str = ITEM) -> Candidate:
    best = model.predict([PredictionQuery(item, quantity=PIECES)], evidence=False)[0].best
    assert best
    return best


def minutes_of(model: RoutingModel, item: str = ITEM) -> Floats:
    return np.array([each.lot_minutes for each in best_of(model, item).operations])


def visits_of(model: RoutingModel, operation: str) -> list[int]:
    """Places in the routing where an operation is done."""
    return [place for place, each in enumerate(best_of(model).operations) if each.operation_code == operation]


def sequence_of(made: ReturningPlant) -> list[int]:
    return [int(code[2:]) for code in made.plant.routings.filter(pl.col("item_code") == ITEM)["operation_code"]]


def test_each_visit_has_its_own_time(model: RoutingModel, made: ReturningPlant) -> None:
    off = [np.abs(np.log(minutes_of(model, item) / true)) for item, true in made.minutes.items()]
    assert np.mean(off) < NOISE / 2, "one time for all visits is off by about 0.3"


def test_the_evidence_of_a_visit_is_the_lots_of_its_item(model: RoutingModel) -> None:
    assert {each.evidence_count for each in best_of(model).operations} == {12}


def test_ranges_of_visits_hold_and_are_as_narrow_as_lots_vary(model: RoutingModel, made: ReturningPlant) -> None:
    draw, inside, widths = np.random.default_rng(5), [], []
    for item, true in made.minutes.items():
        actual = true * np.exp(draw.normal(0, NOISE, len(true)))
        for each, took in zip(best_of(model, item).operations, actual.tolist(), strict=True):
            inside.append(each.lot_range.low <= took <= each.lot_range.high)
            widths.append(np.log(each.lot_range.high / each.lot_range.low))
    assert 0.74 < np.mean(inside) < 0.87
    assert np.median(widths) < 3.2 * NOISE


def test_an_item_without_lots_has_ranges_as_wide_as_visits_differ(made: ReturningPlant) -> None:
    model = fit_model(made.without_lots_of(ITEM), None, FitOptions())
    ranges = [(each.lot_range.low, each.lot_range.high) for each in best_of(model).operations]
    inside = [low <= true <= high for (low, high), true in zip(ranges, made.minutes[ITEM].tolist(), strict=True)]
    assert np.mean(inside) > 0.6


def test_a_lot_that_left_a_visit_out_moves_no_other_visit(made: ReturningPlant) -> None:
    orders = made.plant.work_orders
    lots = orders.filter(pl.col("item_code") == ITEM)["work_order_code"].unique().sort().to_list()[:4]
    first = pl.col("work_order_code").is_in(lots) & (pl.col("sequence") == 10)
    spoilt = fit_model(replace(made.plant, work_orders=orders.filter(~first)), None, FitOptions())
    whole = fit_model(made.plant, None, FitOptions())
    assert minutes_of(spoilt) == pytest.approx(minutes_of(whole), rel=0.12)


def test_a_visit_that_changes_is_followed_by_refreshing_though_lots_are_seen_in_part(
    model: RoutingModel, made: ReturningPlant
) -> None:
    """Each refresh sees only what finished in five days of lots of twenty."""
    true, operation = made.minutes[ITEM].copy(), "OP0"
    slow, *others = visits_of(model, operation)
    true[slow] *= 1.5
    sequence, draw = sequence_of(made), np.random.default_rng(3)
    rows = []
    for lot in range(30):
        ran = true * np.exp(draw.normal(0, NOISE, len(true)))
        end = END + timedelta(days=21 + lot)
        rows += lot_rows((f"N{lot}", ITEM), sequence, ran.tolist(), end)
    new = pl.DataFrame(rows, schema=WORK_ORDER_SCHEMA)
    refreshed = model
    for begin in range(0, 55, 5):
        after, until = END + timedelta(days=begin), END + timedelta(days=begin + 5)
        refreshed, _ = refreshed.refreshed(
            new.filter((pl.col("finished_at") > after) & (pl.col("finished_at") <= until))
        )
    before, now = minutes_of(model), minutes_of(refreshed)
    assert now[slow] > 1.2 * before[slow]
    assert now[others] == pytest.approx(before[others], rel=0.1)
    counts = [each.evidence_count for each in best_of(refreshed).operations]
    assert set(counts) == {12 + 30}


def test_a_bundle_keeps_what_is_known_of_visits(model: RoutingModel) -> None:
    again = RoutingModel.from_parts(model.to_parts())
    assert minutes_of(again) == pytest.approx(minutes_of(model), rel=1e-3)


def test_a_bundle_of_an_earlier_release_has_one_time_for_all_visits(model: RoutingModel) -> None:
    parts = model.to_parts()
    times = dict(parts.model["times"])
    for kind in ("setup", "run"):
        times[kind] = {name: part for name, part in times[kind].items() if name != "visits"}
    older = RoutingModel.from_parts(BundleParts(parts.model | {"times": times}, parts.vectorizer, parts.feature_config))
    places = visits_of(older, "OP0")
    assert len(set(minutes_of(older)[places].tolist())) == 1


def test_the_order_of_rows_changes_nothing(made: ReturningPlant) -> None:
    plant = made.plant
    shuffled = replace(plant, work_orders=plant.work_orders.sample(fraction=1.0, shuffle=True, seed=3))
    one, other = (part_files(fit_model(each, None, FitOptions()).to_parts()) for each in (plant, shuffled))
    assert one == other


def test_where_no_visit_differs_times_are_as_sure_as_ever() -> None:
    made = make_returning_plant(visit_deviation=0.0)
    model = fit_model(made.plant, None, FitOptions())
    off = [np.abs(np.log(minutes_of(model, item) / true)) for item, true in made.minutes.items()]
    assert np.mean(off) < NOISE / 3


def test_a_plant_without_returns_has_nothing_of_visits(plant_maker: Callable[..., PlantData]) -> None:
    times = fit_model(plant_maker(items=40), None, FitOptions()).to_parts().model["times"]
    assert "visits" not in times["run"]
    assert "visits" not in times["setup"]


def test_the_total_of_a_long_routing_lies_in_the_middle_of_its_range_and_of_what_lots_take() -> None:
    made = make_returning_plant(items=18, lots=16, steps=200, seed=2)
    model = fit_model(made.plant, None, FitOptions())
    draw, places, longer = np.random.default_rng(6), [], []
    for item, true in made.minutes.items():
        best = best_of(model, item)
        assert best.total_range
        low, high = best.total_range.low, best.total_range.high
        places.append((best.total_minutes - low) / (high - low))
        totals = (true * np.exp(draw.normal(0, NOISE, (20, len(true))))).sum(axis=1)
        longer += (totals > best.total_minutes).tolist()
    assert min(places) > 0.3
    assert max(places) < 0.7
    assert 0.3 < np.mean(longer) < 0.7
