"""Similar items are as alike as their attributes say."""

from collections.abc import Callable
from dataclasses import replace

import polars as pl
import pytest

from backend.domain.plant import PlantData
from backend.domain.prediction import PredictionQuery
from backend.ml.model import FitOptions, RoutingModel, fit_model


@pytest.fixture(scope="module")
def coded(plant_maker: Callable[..., PlantData]) -> tuple[PlantData, RoutingModel]:
    """A plant whose item codes tell families: they begin with part type and material."""
    plant = plant_maker(items=120, orders_per_item=1.0)
    rows = plant.items.select("item_code", "part_type", "material").iter_rows()
    codes = {code: f"{kind[:3]}{(material or 'X')[:2]}-{code[4:]}" for code, kind, material in rows}
    item = pl.col("item_code").replace_strict(codes)
    plant = replace(
        plant,
        items=plant.items.with_columns(item),
        routings=plant.routings.with_columns(item),
        work_orders=plant.work_orders.with_columns(item),
    )
    model = fit_model(plant, None, FitOptions())
    assert model.to_parts().feature_config["code_family_weight"] > 0.05, "otherwise this tests nothing"
    return plant, model


def test_an_item_described_without_a_code_is_wholly_like_the_one_it_was_copied_from(
    coded: tuple[PlantData, RoutingModel],
) -> None:
    plant, model = coded
    names = [each.name for each in plant.attributes]
    for row in plant.items.to_dicts()[:20]:
        answer = model.predict([PredictionQuery(None, {name: row[name] for name in names})])[0]
        original = next(each for each in answer.similar_items if each.item_code == row["item_code"])
        assert original.differs == ()
        assert original.similarity == pytest.approx(1.0, abs=1e-3)


def test_an_item_of_a_family_is_less_like_those_of_others(coded: tuple[PlantData, RoutingModel]) -> None:
    plant, model = coded
    weight = model.to_parts().feature_config["code_family_weight"]
    for code in plant.items["item_code"].to_list()[:20]:
        answer = model.predict([PredictionQuery(code)])[0]
        others = [each for each in answer.similar_items if each.item_code != code and "item_code" in each.differs]
        assert all(each.similarity <= 1 - weight + 1e-3 for each in others)
