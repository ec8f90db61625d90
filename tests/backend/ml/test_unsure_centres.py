"""Minutes of an operation whose work centre is not sure are those of all work centres that it may be."""

from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from backend.domain.plant import ROUTING_SCHEMA, TIMESTAMP, WORK_ORDER_SCHEMA, Attribute, AttributeKind, PlantData
from backend.domain.prediction import PredictedOperation, PredictionQuery
from backend.ml.model import FAMILIES, Family, FitOptions, RoutingModel, fit_model

ITEMS, LOTS = 300, 6
MINUTES = {"OLD": 20.0, "NEW": 10.0}


def plant() -> PlantData:
    """Return a plant where chance alone decides on which of two machines, one of half the speed, an item is cut."""
    draw = np.random.default_rng(4)
    centre = draw.choice(list(MINUTES), ITEMS)
    rows = [
        {
            "work_order_code": f"W{item}-{lot}",
            "item_code": f"I{item:04d}",
            "sequence": 10,
            "operation_code": "CUT",
            "work_centre": centre[item],
            "in_house": True,
            "quantity": 1.0,
            "setup_minutes": 0.0,
            "run_minutes": MINUTES[centre[item]] * np.exp(0.05 * draw.normal()),
            "finished_at": datetime(2026, 1, 1) + timedelta(days=lot * 20 + item % 20),  # noqa: DTZ001 - naive UTC throughout
        }
        for item in range(ITEMS)
        for lot in range(LOTS)
    ]
    codes = [f"I{item:04d}" for item in range(ITEMS)]
    items = pl.DataFrame(
        {"item_code": codes, "created_at": None, "COLOUR": draw.choice(["red", "blue"], ITEMS)},
        schema_overrides={"created_at": TIMESTAMP},
    )
    orders = pl.DataFrame(rows, schema=WORK_ORDER_SCHEMA)
    colour = Attribute("COLOUR", AttributeKind.CATEGORICAL)
    return PlantData(items, pl.DataFrame(schema=ROUTING_SCHEMA), orders, (colour,))


@pytest.fixture(scope="module", params=FAMILIES)
def model(request: pytest.FixtureRequest) -> RoutingModel:
    family: Family = request.param
    return fit_model(plant(), None, FitOptions(family))


def cut(model: RoutingModel, query: PredictionQuery) -> PredictedOperation:
    answer = model.predict([query])[0]
    assert answer.best
    return answer.best.operations[0]


def test_a_new_item_that_may_be_cut_on_either_machine_gets_minutes_between_and_a_range_over_both(
    model: RoutingModel,
) -> None:
    found = cut(model, PredictionQuery("fresh", {"COLOUR": "red"}, 1.0))
    assert 11.5 < found.lot_minutes < 17.5
    assert found.lot_range.low < 11.5
    assert found.lot_range.high > 17.5


def test_a_known_item_gets_the_minutes_of_the_machine_that_it_is_always_cut_on(model: RoutingModel) -> None:
    for row in (
        plant().work_orders.unique("item_code", keep="first", maintain_order=True).head(20).iter_rows(named=True)
    ):
        found = cut(model, PredictionQuery(row["item_code"], None, 1.0))
        assert found.work_centre == row["work_centre"]
        assert found.lot_minutes == pytest.approx(MINUTES[row["work_centre"]], rel=0.12)
