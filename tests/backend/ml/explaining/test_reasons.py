"""Reasons name what really decides: on a plant whose rules are known, the attribute of each rule."""

from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from backend.domain.plant import ROUTING_SCHEMA, TIMESTAMP, WORK_ORDER_SCHEMA, Attribute, AttributeKind, PlantData
from backend.domain.prediction import ItemPrediction, OperationReason, PredictionQuery
from backend.ml.model import FitOptions, RoutingModel, fit_model

ITEMS = {"network": 800, "trees": 2200}
"""Larger plants learn by trees which operations items need."""


def plant(count: int) -> PlantData:
    """Return a plant where SHAPE tells how likely a LAP operation is, and SIZE how long CUT takes."""
    draw = np.random.default_rng(2)
    shape, colour = draw.choice(["ring", "plate"], count), draw.choice(["red", "blue", "green"], count)
    size = draw.choice(["S", "L"], count)
    rows = []
    for item in range(count):
        laps = draw.random() < (0.9 if shape[item] == "ring" else 0.15)
        operations = ["CUT", "LAP", "PACK"] if laps else ["CUT", "PACK"]
        for place, code in enumerate(operations):
            minutes = (20.0 if size[item] == "L" and code == "CUT" else 10.0) * np.exp(0.05 * draw.normal())
            rows.append(
                {
                    "work_order_code": f"W{item}",
                    "item_code": f"I{item:04d}",
                    "sequence": 10 * (place + 1),
                    "operation_code": code,
                    "work_centre": "W1",
                    "in_house": True,
                    "quantity": 1.0,
                    "setup_minutes": 0.0,
                    "run_minutes": minutes,
                    "finished_at": datetime(2026, 1, 1) + timedelta(days=item % 50),  # noqa: DTZ001 - naive UTC throughout
                }
            )
    items = pl.DataFrame(
        {
            "item_code": [f"I{item:04d}" for item in range(count)],
            "created_at": None,
            "SHAPE": shape,
            "SIZE": size,
            "COLOUR": colour,
        },
        schema_overrides={"created_at": TIMESTAMP},
    )
    kinds = tuple(Attribute(name, AttributeKind.CATEGORICAL) for name in ("SHAPE", "SIZE", "COLOUR"))
    return PlantData(items, pl.DataFrame(schema=ROUTING_SCHEMA), pl.DataFrame(rows, schema=WORK_ORDER_SCHEMA), kinds)


@pytest.fixture(scope="module", params=ITEMS)
def model(request: pytest.FixtureRequest) -> RoutingModel:
    fitted = fit_model(plant(ITEMS[request.param]), None, FitOptions())
    assert ("model" in fitted.to_parts().vectorizer["space"]["presence"]) == (request.param == "trees")
    return fitted


def ask(model: RoutingModel, **attributes: str) -> ItemPrediction:
    return model.predict([PredictionQuery(None, {"COLOUR": "red"} | attributes, 1.0)])[0]


def reason(answer: ItemPrediction, operation: str) -> OperationReason:
    return next(each for each in answer.reasons if each.operation_code == operation)


def test_the_attribute_that_brings_an_operation_in_is_named_with_a_factor_above_one(model: RoutingModel) -> None:
    found = reason(ask(model, SHAPE="ring", SIZE="S"), "LAP")
    assert found.included
    assert found.presence[0].cause == "SHAPE"
    assert found.presence[0].factor > 5


def test_the_attribute_that_keeps_an_operation_out_is_named_with_a_factor_below_one(model: RoutingModel) -> None:
    found = reason(ask(model, SHAPE="plate", SIZE="S"), "LAP")
    assert not found.included
    assert found.presence[0].cause == "SHAPE"
    assert found.presence[0].factor < 0.4
    assert found.run_minutes == ()


def test_the_attribute_behind_a_longer_time_is_named_and_no_other(model: RoutingModel) -> None:
    long, short = (reason(ask(model, SHAPE="ring", SIZE=size), "CUT").run_minutes for size in ("L", "S"))
    assert (long[0].cause, short[0].cause) == ("SIZE", "SIZE")
    assert long[0].factor > 1.2
    assert short[0].factor < 0.85
    assert reason(ask(model, SHAPE="ring", SIZE="L"), "PACK").run_minutes == ()


def test_every_operation_of_the_routing_has_its_reason_in_order_and_none_is_made_where_not_wanted(
    model: RoutingModel,
) -> None:
    answer = ask(model, SHAPE="ring", SIZE="L")
    assert answer.best is not None
    codes = [each.operation_code for each in answer.best.operations]
    assert [each.operation_code for each in answer.reasons if each.included] == codes
    assert model.predict([PredictionQuery("I0001")], evidence=False)[0].reasons == ()


def test_a_batch_gives_the_same_reasons_as_single_questions(model: RoutingModel) -> None:
    queries = [PredictionQuery(f"I{number:04d}") for number in range(60)]
    assert [each.reasons for each in model.predict(queries)] == [model.predict([q])[0].reasons for q in queries]


def test_an_item_whose_attributes_say_nothing_known_has_reasons_too(model: RoutingModel) -> None:
    answer = model.predict([PredictionQuery(None, dict.fromkeys(("SHAPE", "SIZE", "COLOUR"), "unheard of"), 1.0)])[0]
    assert answer.best is not None
    assert [each.operation_code for each in answer.reasons if each.included] == [
        each.operation_code for each in answer.best.operations
    ]
