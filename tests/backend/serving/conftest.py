from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from backend.domain.models import VersionRecord
from backend.domain.plant import (
    ROUTING_SCHEMA,
    TIMESTAMP,
    WORK_ORDER_SCHEMA,
    Attribute,
    AttributeKind,
    PlantData,
)
from backend.errors import DatabaseUnavailableError
from backend.ml.model import FitOptions, fit_model
from backend.registry.bundle import write_bundle
from backend.registry.store import ModelStore
from backend.serving.predictor import Predictor
from backend.settings import Settings, load_settings

START = datetime(2026, 1, 1)  # noqa: DTZ001 - naive UTC is the product's word for time
ITEMS = 8


def small_plant() -> PlantData:
    """Items ITEM001 … with routings by part type, and a work order each."""
    codes = [f"ITEM{number:03d}" for number in range(1, ITEMS + 1)]
    items = pl.DataFrame(
        {
            "item_code": codes,
            "created_at": [START] * ITEMS,
            "part_type": ["SLEEVE", "GLAND"] * (ITEMS // 2),
            "diameter": [10.0 + number for number in range(ITEMS)],
        },
        schema_overrides={"created_at": TIMESTAMP},
    )
    routings, orders = [], []
    for number, code in enumerate(codes):
        finished = START + timedelta(days=number)
        for sequence, operation in enumerate(("CUT", "MILL" if number % 2 else "TURN", "INSPECT"), start=1):
            step = (10 * sequence, operation)
            routings.append((code, "R1", *step, operation.title(), f"W-{operation}", True, 5.0, 1.0, None, None))
            times = (10.0, 5.0, 10.0 + number % 5, finished, None, None, None)
            orders.append((f"WO{number}", code, *step, f"W-{operation}", True, *times))
    return PlantData(
        items=items,
        routings=pl.DataFrame(routings, schema=ROUTING_SCHEMA, orient="row"),
        work_orders=pl.DataFrame(orders, schema=WORK_ORDER_SCHEMA, orient="row"),
        attributes=(
            Attribute("part_type", AttributeKind.CATEGORICAL),
            Attribute("diameter", AttributeKind.NUMERIC),
        ),
    )


@pytest.fixture(scope="session")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three bundles of one real model, told apart by the day until which they say they have learnt."""
    model = fit_model(small_plant(), None, FitOptions(family="nearest_neighbour", seed=0, threads=1))
    parts, folders = model.to_parts(), []
    for day in (10, 20, 30):
        cutoff = START.replace(day=day)
        record = VersionRecord(START, cutoff, model.family, None, "ksm", 0, {}, {}, {})
        folders.append(tmp_path_factory.mktemp("bundles") / "bundle")
        config = parts.feature_config | {"data_cutoff": cutoff.isoformat()}
        write_bundle(folders[-1], replace(parts, feature_config=config), record)
    return folders


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = load_settings(tmp_path)
    made.make_directories()
    return made


@pytest.fixture
def store(settings: Settings) -> ModelStore:
    return ModelStore(settings, canary=lambda _folder, _digests: None)


@dataclass
class PlantStandIn:
    """An item source that can be told how to behave; counts what it is asked."""

    rows: pl.DataFrame
    behave: Callable[[], None] = lambda: None
    asked: list[list[str]] = field(default_factory=list)
    checks: int = 0

    def read_items(self, codes: Sequence[str]) -> pl.DataFrame:
        self.asked.append(list(codes))
        self.behave()
        return self.rows.filter(pl.col("item_code").is_in(list(codes)))

    def check(self) -> None:
        self.checks += 1
        self.behave()

    def go_down(self) -> None:
        def refuse() -> None:
            raise DatabaseUnavailableError("plant", "connection refused", "Start it")

        self.behave = refuse


@pytest.fixture
def plant() -> PlantStandIn:
    rows = {"item_code": ["NEW1", "NEW2", "NEW2"], "part_type": ["GLAND", "SLEEVE", "GLAND"]}
    extra = {"diameter": [12.0, float("nan"), 5.0], "colour": ["red"] * 3, "created_at": [START] * 3}
    return PlantStandIn(pl.DataFrame(rows | extra))


@dataclass
class SteppedTime:
    """A monotonic clock that goes on only when told."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time_passing() -> SteppedTime:
    return SteppedTime()


@pytest.fixture
def predictor(settings: Settings, plant: PlantStandIn, time_passing: SteppedTime) -> Predictor:
    return Predictor(settings, source=plant, monotonic=time_passing)
