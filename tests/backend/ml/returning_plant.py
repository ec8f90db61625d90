"""A made-up plant whose operations come back within a routing, each visit with a time of its own."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from backend.domain.plant import ROUTING_SCHEMA, WORK_ORDER_SCHEMA, Attribute, AttributeKind, PlantData
from backend.ml.common.arrays import Floats

START = datetime(2024, 1, 1)  # noqa: DTZ001 - naive UTC, as everywhere in a plant's tables
DAYS = 300
PIECES = 25.0
NOISE = 0.15
_OPERATIONS = 6
_LEVELS = (20.0, 35.0, 12.0, 60.0, 25.0, 40.0)


@dataclass(frozen=True)
class ReturningPlant:
    """The plant, and what each step of each item really takes: minutes of a lot."""

    plant: PlantData
    minutes: dict[str, Floats]

    def without_lots_of(self, item: str) -> PlantData:
        """Return the plant where an item was never made."""
        orders = self.plant.work_orders.filter(pl.col("item_code") != item)
        return PlantData(self.plant.items, self.plant.routings, orders, self.plant.attributes)


def make_returning_plant(
    items: int = 12, lots: int = 12, steps: int = 40, visit_deviation: float = 0.4, seed: int = 0
) -> ReturningPlant:
    """Make items of three families; those of a family have the same sequence."""
    draw = np.random.default_rng(seed)
    sequences = draw.integers(0, _OPERATIONS, (3, steps))
    minutes: dict[str, Floats] = {}
    items_of, routings, orders = [], [], []
    for number in range(items):
        family = number % 3
        code, sequence = f"F{family}-{number:03d}", sequences[family]
        mine = (
            np.exp(draw.normal(0, 0.2)) * np.array(_LEVELS)[sequence] * np.exp(draw.normal(0, visit_deviation, steps))
        )
        minutes[code] = mine
        items_of.append({"item_code": code, "created_at": START, "line": f"L{family}"})
        routings += [_standard(code, place, int(each)) for place, each in enumerate(sequence)]
        for lot in range(lots):
            end = START + timedelta(days=float(draw.uniform(20, DAYS)))
            ran = mine * np.exp(draw.normal(0, NOISE, steps))
            orders += lot_rows((f"W{number}-{lot}", code), sequence.tolist(), ran.tolist(), end)
    plant = PlantData(
        pl.DataFrame(items_of, schema_overrides={"created_at": pl.Datetime("us")}),
        pl.DataFrame(routings, schema=ROUTING_SCHEMA),
        pl.DataFrame(orders, schema=WORK_ORDER_SCHEMA),
        (Attribute("line", AttributeKind.CATEGORICAL),),
    )
    return ReturningPlant(plant, minutes)


def lot_rows(lot: tuple[str, str], sequence: list[int], minutes: list[float], end: datetime) -> list[dict[str, object]]:
    """Return the rows of one lot, which took twenty days."""
    order, code = lot
    return [
        {
            "work_order_code": order,
            "item_code": code,
            "sequence": 10 * (place + 1),
            "operation_code": f"OP{operation}",
            "work_centre": f"C{operation}",
            "in_house": True,
            "quantity": PIECES,
            "setup_minutes": 0.0,
            "run_minutes": ran,
            "finished_at": end - timedelta(days=20 * (1 - (place + 1) / len(sequence))),
            "released_at": end - timedelta(days=20),
            "planned_setup_minutes": None,
            "planned_run_minutes": None,
        }
        for place, (operation, ran) in enumerate(zip(sequence, minutes, strict=True))
    ]


def _standard(code: str, place: int, operation: int) -> dict[str, object]:
    return {
        "item_code": code,
        "routing_code": "MAIN",
        "sequence": 10 * (place + 1),
        "operation_code": f"OP{operation}",
        "operation_name": f"Op{operation}",
        "work_centre": f"C{operation}",
        "in_house": True,
        "setup_minutes": 0.0,
        "run_minutes_per_unit": _LEVELS[operation] / PIECES,
        "valid_from": None,
        "valid_to": None,
    }
