"""A small made-up plant whose rules are known to the tests."""

from collections.abc import Callable
from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest

from backend.domain.plant import ROUTING_SCHEMA, WORK_ORDER_SCHEMA, Attribute, AttributeKind, PlantData
from backend.ml.model import FAMILIES, FitOptions, RoutingModel, fit_model

START = datetime(2024, 1, 1)  # noqa: DTZ001 - naive UTC, as everywhere in a plant's tables
DAYS = 700
ATTRIBUTES = (
    Attribute("part_type", AttributeKind.CATEGORICAL),
    Attribute("material", AttributeKind.CATEGORICAL),
    Attribute("colour", AttributeKind.CATEGORICAL),
    Attribute("diameter", AttributeKind.NUMERIC),
    Attribute("description", AttributeKind.TEXT),
)
TYPES = ("SLEEVE", "GLAND", "FACE", "SPRING", "슬리브")
MATERIALS = ("316L", "CARBON", "SIC", "BRASS")
BASE_MINUTES = {"CUT": 2.0, "TURN": 6.0, "MILL": 8.0, "GRIND": 5.0, "LAP": 9.0, "COAT": 4.0, "INSPECT": 1.0}


def steps_of(part_type: str, material: str, diameter: float, text: str) -> list[tuple[str, str, bool]]:
    """The plant's hidden rules."""
    steps = [("CUT", "C1", True)]
    steps.append(("TURN", "T-BIG" if diameter > 60 else "T-SMALL", True))
    if part_type in {"GLAND", "슬리브"}:
        steps.append(("MILL", "M1", True))
    if part_type == "FACE" or (material == "SIC" and diameter > 40):
        steps += [("GRIND", "G1", True), ("LAP", "L1", True)]
    if "코팅" in text:
        steps.append(("COAT", "VENDOR", False))
    steps.append(("INSPECT", "Q1", True))
    return steps


def make_plant(items: int = 300, orders_per_item: float = 3.0, seed: int = 0) -> PlantData:
    draw = np.random.default_rng(seed)
    item_rows, routing_rows, order_rows = [], [], []
    for number in range(items):
        part_type, material = str(draw.choice(TYPES)), str(draw.choice(MATERIALS))
        diameter = float(np.round(draw.uniform(10, 100), 1))
        text = f"{part_type.title()} {diameter:.0f}mm " + ("코팅 TiN" if draw.random() < 0.3 else "plain")
        code = f"ITEM{number + 1:03d}"
        item_rows.append(
            {
                "item_code": code,
                "created_at": START,
                "part_type": part_type,
                "material": None if draw.random() < 0.05 else material,
                "colour": str(draw.choice(["red", "green", "blue"])),
                "diameter": None if draw.random() < 0.05 else diameter,
                "description": text,
            }
        )
        steps = steps_of(part_type, material, diameter, text)
        habit = float(draw.normal(0, 0.25))
        routing_rows += [_routing(code, i, step, diameter) for i, step in enumerate(steps)]
        for order in range(int(draw.poisson(orders_per_item))):
            order_rows += _order(f"WO-{number}-{order}", code, steps, (diameter, habit), draw)
    return PlantData(
        pl.DataFrame(item_rows, schema_overrides={"created_at": pl.Datetime("us")}),
        pl.DataFrame(routing_rows, schema=ROUTING_SCHEMA),
        pl.DataFrame(order_rows, schema=WORK_ORDER_SCHEMA),
        ATTRIBUTES,
    )


def minutes_of(operation: str, diameter: float, habit: float) -> float:
    return BASE_MINUTES[operation] * (0.5 + diameter / 60) * float(np.exp(habit))


def _routing(code: str, position: int, step: tuple[str, str, bool], diameter: float) -> dict[str, object]:
    return {
        "item_code": code,
        "routing_code": "MAIN",
        "sequence": 10 * (position + 1),
        "operation_code": step[0],
        "operation_name": step[0].title(),
        "work_centre": step[1],
        "in_house": step[2],
        "setup_minutes": 15.0,
        "run_minutes_per_unit": minutes_of(step[0], diameter, 0.0),
        "valid_from": START - timedelta(days=100),
        "valid_to": None,
    }


def _order(
    order: str, code: str, steps: list[tuple[str, str, bool]], size: tuple[float, float], draw: np.random.Generator
) -> list[dict[str, object]]:
    end = START + timedelta(days=float(draw.uniform(0, DAYS)))
    quantity = float(draw.integers(1, 40))
    return [
        {
            "work_order_code": order,
            "item_code": code,
            "sequence": 10 * (position + 1),
            "operation_code": step[0],
            "work_centre": step[1],
            "in_house": step[2],
            "quantity": quantity,
            "setup_minutes": 12.0 * float(np.exp(draw.normal(0, 0.3))),
            "run_minutes": quantity * minutes_of(step[0], *size) * float(np.exp(draw.normal(0, 0.2))),
            "finished_at": end,
            "released_at": end - timedelta(days=5),
            "planned_setup_minutes": 15.0,
            "planned_run_minutes": None,
        }
        for position, step in enumerate(steps)
    ]


@pytest.fixture(scope="session")
def plant_maker() -> Callable[..., PlantData]:
    return make_plant


@pytest.fixture(scope="session")
def small_plant() -> PlantData:
    return make_plant()


@pytest.fixture(scope="session")
def cutoff() -> datetime:
    return START + timedelta(days=DAYS - 100)


@pytest.fixture(scope="session", params=FAMILIES)
def model(request: pytest.FixtureRequest, small_plant: PlantData, cutoff: datetime) -> RoutingModel:
    return fit_model(small_plant, cutoff, FitOptions(family=request.param))
