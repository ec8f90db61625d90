from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import polars as pl
import pytest

from backend.domain.plant import WORK_ORDER_SCHEMA, PlantData
from backend.domain.prediction import ItemPrediction, PredictionQuery
from backend.errors import InsufficientDataError
from backend.ml.model import FAMILIES, Family, FitOptions, fit_model

PlantMaker = Callable[..., PlantData]
EVERY_FAMILY = pytest.mark.parametrize("family", FAMILIES)


def _predict(plant: PlantData, family: Family, code: str = "ITEM001") -> ItemPrediction:
    model = fit_model(plant, None, FitOptions(family))
    answer, new = model.predict([PredictionQuery(code), PredictionQuery("NEW", {"part_type": "FACE"})])
    assert new.best
    return answer


@EVERY_FAMILY
def test_a_plant_with_twelve_items(plant_maker: PlantMaker, family: Family) -> None:
    assert _predict(plant_maker(items=12), family).best


@EVERY_FAMILY
def test_a_plant_without_work_orders_takes_standard_times(plant_maker: PlantMaker, family: Family) -> None:
    plant = plant_maker(items=60)
    plant = replace(plant, work_orders=pl.DataFrame(schema=WORK_ORDER_SCHEMA))
    model = fit_model(plant, None, FitOptions(family))
    answer = model.predict([PredictionQuery("ITEM001")])[0]
    assert model.data_cutoff is None
    assert answer.best
    assert answer.quantity == 1
    standards = plant.routings.filter(pl.col("item_code") == "ITEM001")["run_minutes_per_unit"].sum()
    assert sum(op.run_minutes_per_unit for op in answer.best.operations) == pytest.approx(standards, rel=0.3)


@EVERY_FAMILY
def test_a_plant_without_routings_learns_from_work_orders(plant_maker: PlantMaker, family: Family) -> None:
    plant = plant_maker(items=60)
    plant = replace(plant, routings=plant.routings.clear())
    made = plant.work_orders["item_code"][0]
    assert _predict(plant, family, made).best


@EVERY_FAMILY
def test_a_plant_with_one_constant_routing(plant_maker: PlantMaker, family: Family) -> None:
    plant = plant_maker(items=60)
    only = pl.col("operation_code") == "INSPECT"
    plant = replace(plant, routings=plant.routings.filter(only), work_orders=plant.work_orders.filter(only))
    best = _predict(plant, family).best
    assert best
    assert [op.operation_code for op in best.operations] == ["INSPECT"]
    assert best.probability > 0.9


@EVERY_FAMILY
def test_a_plant_that_books_no_set_up_and_no_quantity(plant_maker: PlantMaker, family: Family) -> None:
    plant = plant_maker(items=60)
    none = pl.lit(None, dtype=pl.Float64)
    plant = replace(
        plant,
        work_orders=plant.work_orders.with_columns(setup_minutes=none, quantity=none),
        routings=plant.routings.with_columns(setup_minutes=none),
    )
    best = _predict(plant, family).best
    assert best
    assert all(op.setup_minutes < 0.01 < op.run_minutes_per_unit for op in best.operations)


def test_a_routing_of_six_hundred_steps(plant_maker: PlantMaker) -> None:
    plant = plant_maker(items=30, orders_per_item=0)
    long = pl.DataFrame({"sequence": range(1, 601)}, schema={"sequence": pl.Int32})
    steps = long.with_columns(operation_code=pl.format("S{}", pl.col("sequence") % 40))
    one = plant.routings.unique("item_code", keep="first", maintain_order=True).drop("sequence", "operation_code")
    plant = replace(plant, routings=one.join(steps, how="cross").select(plant.routings.columns))
    best = _predict(plant, "boosted_trees").best
    assert best
    assert len(best.operations) == 600


def test_items_without_attributes_are_predicted_by_their_code(plant_maker: PlantMaker) -> None:
    plant = plant_maker(items=40)
    plant = replace(plant, attributes=(), items=plant.items.select("item_code", "created_at"))
    model = fit_model(plant, None, FitOptions())
    assert model.predict([PredictionQuery("ITEM001")])[0].best


def test_an_attribute_that_is_always_missing_does_no_harm(plant_maker: PlantMaker) -> None:
    plant = plant_maker(items=60)
    empty = pl.lit(None)
    items = plant.items.with_columns(
        colour=empty.cast(pl.String), diameter=empty.cast(pl.Float64), description=empty.cast(pl.String)
    )
    assert _predict(replace(plant, items=items), "boosted_trees").best


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


def test_half_finished_lots_do_not_teach_a_shorter_routing(plant_maker: PlantMaker) -> None:
    plant = plant_maker(items=60, orders_per_item=3.0)
    last = plant.work_orders["sequence"].max()
    code = plant.work_orders["item_code"][0]
    cutoff = datetime(2027, 1, 1)  # noqa: DTZ001 - naive UTC
    mine = plant.work_orders.filter((pl.col("item_code") == code) & (pl.col("sequence") <= last))
    first_lot = mine["work_order_code"][0]
    open_lot = mine.filter(pl.col("work_order_code") == first_lot).with_columns(
        work_order_code=pl.lit("OPEN"),
        finished_at=pl.when(pl.col("sequence") <= 20).then(pl.lit(cutoff - timedelta(days=1))).otherwise(None),
    )
    plant = replace(plant, work_orders=pl.concat([plant.work_orders, open_lot.cast(WORK_ORDER_SCHEMA)]))  # type: ignore[arg-type]
    best = fit_model(plant, cutoff, FitOptions()).predict([PredictionQuery(code)])[0].best
    assert best
    assert len(best.operations) == mine.filter(pl.col("work_order_code") == first_lot).height


def test_a_work_centre_closed_for_months_is_not_proposed(plant_maker: PlantMaker) -> None:
    plant = plant_maker(items=120, orders_per_item=6.0)
    moved = datetime(2025, 3, 1)  # noqa: DTZ001 - naive UTC
    orders = plant.work_orders.with_columns(
        work_centre=pl.when((pl.col("operation_code") == "CUT") & (pl.col("finished_at") < moved))
        .then(pl.lit("C-OLD"))
        .otherwise("work_centre")
    )
    model = fit_model(replace(plant, work_orders=orders, routings=plant.routings.clear()), None, FitOptions())
    answers = model.predict([PredictionQuery(code) for code in model.known_codes], evidence=False)
    centres = {op.work_centre for a in answers if a.best for op in a.best.operations if op.operation_code == "CUT"}
    assert centres == {"C1"}
