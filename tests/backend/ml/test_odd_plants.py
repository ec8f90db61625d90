from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from backend.domain.plant import ROUTING_SCHEMA, WORK_ORDER_SCHEMA, Attribute, AttributeKind, PlantData
from backend.domain.prediction import Candidate, NoLeadTime, PredictionQuery, PredictionStatus
from backend.errors import InsufficientDataError
from backend.ml.judging.alignment import sequence_match
from backend.ml.model import FAMILIES, FitOptions, ModelFitting, RoutingModel, fit_model

PlantMaker = Callable[..., PlantData]
START = datetime(2024, 1, 1)  # noqa: DTZ001 - naive UTC
NEW_FACE = PredictionQuery("NEW", {"part_type": "FACE", "material": "SIC", "diameter": 50.0})


def fit_all(plant: PlantData) -> list[RoutingModel]:
    """A model of every family."""
    fitting = ModelFitting(plant, None, seed=0, threads=1)
    return [fitting.model(family) for family in FAMILIES]


def best_of(model: RoutingModel, query: PredictionQuery) -> Candidate:
    answer = model.predict([query], evidence=False)[0]
    assert answer.best, answer.message
    return answer.best


def steps(best: Candidate) -> list[str]:
    return [op.operation_code for op in best.operations]


def routings_of(plant: PlantData) -> dict[str, list[str]]:
    rows = plant.routings.sort("item_code", "sequence").group_by("item_code", maintain_order=True)
    return dict(rows.agg("operation_code").iter_rows())


def share_with_own_routing(model: RoutingModel, own: dict[str, list[str]]) -> float:
    right = [steps(best_of(model, PredictionQuery(code))) == routing for code, routing in own.items()]
    return sum(right) / len(right)


def test_a_plant_with_twelve_items_knows_each_and_is_not_sure_of_others(plant_maker: PlantMaker) -> None:
    plant = plant_maker(items=12)
    for model in fit_all(plant):
        assert share_with_own_routing(model, routings_of(plant)) == 1
        new = best_of(model, NEW_FACE)
        assert (steps(new)[0], steps(new)[-1]) == ("CUT", "INSPECT"), "what all items have, in its place"
        assert new.probability < 0.9


def test_a_plant_without_work_orders_takes_standard_times(plant_maker: PlantMaker) -> None:
    plant = plant_maker(items=60)
    plant = replace(plant, work_orders=pl.DataFrame(schema=WORK_ORDER_SCHEMA))
    columns = plant.routings.select("item_code", "operation_code", "run_minutes_per_unit")
    standards = {(item, operation): minutes for item, operation, minutes in columns.iter_rows()}
    for model in fit_all(plant):
        assert model.data_cutoff is None
        assert model.predict([PredictionQuery("ITEM001")])[0].quantity == 1
        ratios = [
            op.run_minutes_per_unit / standards[code, op.operation_code]
            for code in model.known_codes
            for op in best_of(model, PredictionQuery(code)).operations
        ]
        assert float(np.median(ratios)) == pytest.approx(1, rel=0.01)
        assert float(np.mean(np.abs(np.log(ratios)) < np.log(1.1))) > 0.9
        best = best_of(model, PredictionQuery("ITEM001"))
        assert (best.total_range, best.lead_time, best.no_lead_time) == (None, None, NoLeadTime.NO_RELEASE_DATES)


def test_a_plant_without_routings_learns_from_work_orders(plant_maker: PlantMaker) -> None:
    plant = plant_maker(items=60)
    made = routings_of(plant)
    made = {code: made[code] for code in sorted(set(plant.work_orders["item_code"]))}
    for model in fit_all(replace(plant, routings=plant.routings.clear())):
        assert share_with_own_routing(model, made) >= 0.95


def test_a_plant_with_one_constant_routing(plant_maker: PlantMaker) -> None:
    plant = plant_maker(items=60)
    only = pl.col("operation_code") == "INSPECT"
    plant = replace(plant, routings=plant.routings.filter(only), work_orders=plant.work_orders.filter(only))
    for model in fit_all(plant):
        for query in (PredictionQuery("ITEM001"), NEW_FACE):
            best = best_of(model, query)
            assert steps(best) == ["INSPECT"]
            assert best.probability > 0.9


def test_a_plant_with_few_lots_claims_no_range_of_a_total(plant_maker: PlantMaker) -> None:
    plant = plant_maker(items=12, seed=5)
    assert plant.work_orders["work_order_code"].n_unique() < 40
    for model in fit_all(plant):
        best = best_of(model, PredictionQuery("ITEM001"))
        assert (best.total_range, best.total_spread) == (None, None)


def test_a_plant_that_books_no_set_up_and_no_quantity_has_minutes_per_lot(plant_maker: PlantMaker) -> None:
    plant = plant_maker(items=60)
    none = pl.lit(None, dtype=pl.Float64)
    plant = replace(
        plant,
        work_orders=plant.work_orders.with_columns(setup_minutes=none, quantity=none),
        routings=plant.routings.clear(),
    )
    lots = plant.work_orders.group_by("item_code", "operation_code").agg(pl.col("run_minutes").median())
    booked = {(item, operation): minutes for item, operation, minutes in lots.iter_rows()}
    for model in fit_all(plant):
        ratios = []
        for code in model.known_codes:
            for op in best_of(model, PredictionQuery(code)).operations:
                assert op.setup_minutes < 0.01
                if (code, op.operation_code) in booked:
                    ratios.append(op.lot_minutes / booked[code, op.operation_code])
        assert len(ratios) > 100
        assert float(np.median(ratios)) == pytest.approx(1, rel=0.15)
        total = best_of(model, PredictionQuery("ITEM001"))
        assert total.total_range
        assert total.total_range.low < total.total_minutes < total.total_range.high


def test_a_routing_of_six_hundred_steps(plant_maker: PlantMaker) -> None:
    plant = plant_maker(items=12, orders_per_item=0)
    long = pl.DataFrame({"sequence": range(1, 601)}, schema={"sequence": pl.Int32})
    codes = long.with_columns(operation_code=pl.format("S{}", pl.col("sequence") % 40))
    one = plant.routings.unique("item_code", keep="first", maintain_order=True).drop("sequence", "operation_code")
    plant = replace(plant, routings=one.join(codes, how="cross").select(plant.routings.columns))
    model = fit_model(plant, None, FitOptions())
    for query in (PredictionQuery("ITEM001"), NEW_FACE):
        assert steps(best_of(model, query)) == codes["operation_code"].to_list()


def test_items_without_attributes_are_predicted_by_their_code(plant_maker: PlantMaker) -> None:
    plant = plant_maker(items=20)
    plant = replace(plant, attributes=(), items=plant.items.select("item_code", "created_at"))
    model = fit_model(plant, None, FitOptions())
    assert share_with_own_routing(model, routings_of(plant)) == 1
    assert model.predict([PredictionQuery("NEW")])[0].status is PredictionStatus.NOT_FOUND


def test_an_attribute_that_is_always_missing_does_no_harm(plant_maker: PlantMaker) -> None:
    plant = plant_maker(items=20)
    empty = pl.lit(None)
    items = plant.items.with_columns(
        colour=empty.cast(pl.String), diameter=empty.cast(pl.Float64), description=empty.cast(pl.String)
    )
    assert share_with_own_routing(fit_model(replace(plant, items=items), None, FitOptions()), routings_of(plant)) == 1


def test_a_plant_without_items_or_routings_is_refused_in_words(plant_maker: PlantMaker) -> None:
    plant = plant_maker(items=20)
    with pytest.raises(InsufficientDataError, match="items: 0 found"):
        fit_model(replace(plant, items=plant.items.clear()), None, FitOptions())
    bare = replace(plant, routings=plant.routings.clear(), work_orders=plant.work_orders.clear())
    with pytest.raises(InsufficientDataError, match="valid routing"):
        fit_model(bare, None, FitOptions())


def test_a_plant_without_any_times_is_refused_in_words(plant_maker: PlantMaker) -> None:
    plant = plant_maker(items=20, orders_per_item=0)
    none = pl.lit(None, dtype=pl.Float64)
    timeless = plant.routings.with_columns(setup_minutes=none, run_minutes_per_unit=none)
    with pytest.raises(InsufficientDataError, match="operation times"):
        fit_model(replace(plant, routings=timeless), None, FitOptions())


def test_long_routings_of_which_every_lot_skips_some_steps_are_proposed_whole_for_items_with_and_without_lots() -> None:
    draw = np.random.default_rng(0)
    routes = {f"{group}-{number}": [f"{group}{step}" if step % 3 else f"S{step}" for step in range(length)]
              for group, length in (("A", 90), ("B", 70), ("C", 80)) for number in range(4)}  # fmt: skip
    items = pl.DataFrame(
        {"item_code": list(routes), "created_at": [START] * len(routes), "group": [c[0] for c in routes]}
    )
    standards = [_row(code, "MAIN", place, step) for code, route in routes.items() for place, step in enumerate(route)]
    lots = [
        _row(code, f"{code}/{lot}", place, step)
        for code, route in routes.items() if not code.endswith("0") for lot in range(6)
        for place, step in enumerate(route) if draw.random() > 0.2
    ]  # fmt: skip
    plant = PlantData(
        items.cast({"created_at": pl.Datetime("us")}),
        pl.DataFrame([each | {"routing_code": "MAIN"} for each in standards], schema=ROUTING_SCHEMA),
        pl.DataFrame(lots, schema=WORK_ORDER_SCHEMA),
        (Attribute("group", AttributeKind.CATEGORICAL),),
    )
    model = fit_model(plant, None, FitOptions())
    proposed = {code: steps(best_of(model, PredictionQuery(code))) for code in routes}
    assert {code for code, route in routes.items() if sequence_match(proposed[code], route) < 0.99} == set()


def _row(code: str, order: str, place: int, operation: str) -> dict[str, object]:
    done = START + timedelta(days=30 + place / 10 + 5 * int(order[-1]) if order[-1].isdigit() else 0)
    return {
        "work_order_code": order, "item_code": code, "sequence": place + 1, "operation_code": operation,
        "operation_name": operation, "work_centre": "W", "in_house": True, "quantity": 25.0, "setup_minutes": 0.0,
        "run_minutes": 50.0, "run_minutes_per_unit": 2.0, "finished_at": done, "released_at": START,
    }  # fmt: skip


CUTOFF = datetime(2026, 1, 1)  # noqa: DTZ001 - naive UTC, after all work orders


@pytest.fixture(scope="module")
def moved_plant(plant_maker: PlantMaker) -> tuple[PlantData, RoutingModel]:
    """A plant whose saw has moved to another work centre, with a lot of ITEM001 half finished at the cutoff."""
    plant = plant_maker(items=40, orders_per_item=6.0)
    mine = plant.work_orders.filter(pl.col("item_code") == "ITEM001")
    half = mine.filter(pl.col("work_order_code") == mine["work_order_code"][0]).with_columns(
        work_order_code=pl.lit("OPEN"),
        finished_at=pl.when(pl.col("sequence") <= 20).then(pl.lit(CUTOFF - timedelta(days=1))).otherwise(None),
    )
    moved = datetime(2025, 3, 1)  # noqa: DTZ001 - naive UTC
    before = (pl.col("operation_code") == "CUT") & (pl.col("finished_at") < moved)
    orders = pl.concat([plant.work_orders, half.cast(WORK_ORDER_SCHEMA)]).with_columns(  # type: ignore[arg-type]
        work_centre=pl.when(before).then(pl.lit("C-OLD")).otherwise(pl.col("work_centre"))
    )
    plant = replace(plant, work_orders=orders, routings=plant.routings.clear())
    return plant, fit_model(plant, CUTOFF, FitOptions())


def test_half_finished_lots_do_not_teach_a_shorter_routing(moved_plant: tuple[PlantData, RoutingModel]) -> None:
    plant, model = moved_plant
    lot = plant.work_orders.filter((pl.col("item_code") == "ITEM001") & (pl.col("work_order_code") == "OPEN"))
    assert lot["finished_at"].null_count() > 0, "otherwise this tests nothing"
    assert steps(best_of(model, PredictionQuery("ITEM001"))) == lot.sort("sequence")["operation_code"].to_list()


def test_a_work_centre_closed_for_months_is_not_proposed(moved_plant: tuple[PlantData, RoutingModel]) -> None:
    plant, model = moved_plant
    assert "C-OLD" in set(plant.work_orders["work_centre"])
    bests = [best_of(model, PredictionQuery(code)) for code in model.known_codes]
    centres = {op.work_centre for best in bests for op in best.operations if op.operation_code == "CUT"}
    assert centres == {"C1"}
