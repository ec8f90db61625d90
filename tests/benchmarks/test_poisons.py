"""Each poison spoils what it says, and nothing else."""

from datetime import datetime

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from backend.domain.plant import ROUTING_SCHEMA, WORK_ORDER_SCHEMA, Attribute, AttributeKind, PlantData
from benchmarks.evaluation import cycle_seconds
from benchmarks.evaluation_cost import AFTER
from benchmarks.poisons import DAMAGES, MINUTES, POISONS

TYPES = {"A1": "ring", "A2": "ring", "B1": "sleeve", "B2": "sleeve", "C1": None}
LOTS = {"A1": 4, "A2": 3, "B1": 2, "B2": 3, "C1": 1}


@pytest.fixture
def plant() -> PlantData:
    rows = [
        {
            "work_order_code": f"{code}-{lot}",
            "item_code": code,
            "sequence": step,
            "operation_code": f"OP{step}",
            "work_centre": "SAW" if step == 10 else "MILL" if lot else "LATHE",
            "quantity": 10.0 * (lot + 1),
            "setup_minutes": 5.0 + lot,
            "run_minutes": 3.0 * step + 7 * lot,
            "finished_at": datetime(2026, 1, 1 + lot),  # noqa: DTZ001 - naive UTC, as everywhere in the product
        }
        for code, lots in LOTS.items()
        for lot in range(lots)
        for step in (10, 20)
    ]
    items = pl.DataFrame({"item_code": list(TYPES), "part_type": list(TYPES.values())})
    routings = pl.DataFrame([{"item_code": code, "sequence": 10} for code in TYPES], schema=ROUTING_SCHEMA)
    attribute = Attribute("part_type", AttributeKind.CATEGORICAL)
    return PlantData(items, routings, pl.DataFrame(rows, schema=WORK_ORDER_SCHEMA), (attribute,))


def spoilt(name: str, plant: PlantData) -> pl.DataFrame:
    return POISONS[name](plant, np.random.default_rng(1)).work_orders


def test_shuffled_labels_are_the_same_times_on_other_rows(plant: PlantData) -> None:
    found = spoilt("labels shuffled", plant)
    assert_frame_equal(found.drop(MINUTES), plant.work_orders.drop(MINUTES))
    assert_frame_equal(found.select(MINUTES), plant.work_orders.select(MINUTES), check_row_order=False)
    assert not found.equals(plant.work_orders)


def test_shuffled_routes_move_whole_lots_to_other_items(plant: PlantData) -> None:
    found = spoilt("routes shuffled", plant)
    assert_frame_equal(found.drop("item_code"), plant.work_orders.drop("item_code"))
    assert (found.group_by("work_order_code").agg(pl.col("item_code").n_unique())["item_code"] == 1).all()
    assert not found.equals(plant.work_orders)


def test_times_sixty_are_those_of_all_or_of_the_busiest_work_centre(plant: PlantData) -> None:
    before = plant.work_orders["run_minutes"]
    assert (spoilt("units × 60", plant)["run_minutes"] == 60 * before).all()
    found = spoilt("units × 60 of one work centre", plant)
    saw = found["work_centre"] == "SAW"
    assert (found["run_minutes"].filter(saw) == 60 * before.filter(saw)).all()
    assert (found["run_minutes"].filter(~saw) == before.filter(~saw)).all()


def test_nothing_is_left_of_the_part_type_that_is_missing(plant: PlantData) -> None:
    found = POISONS["one part type missing"](plant, np.random.default_rng(1))
    for table in (found.items, found.routings, found.work_orders):
        assert set(table["item_code"]) == {"A1", "A2", "C1"}


def test_medians_leave_one_time_per_piece_and_operation(plant: PlantData) -> None:
    rates = spoilt("all times the median", plant).select("operation_code", pl.col("run_minutes") / pl.col("quantity"))
    for (_,), part in rates.group_by("operation_code"):
        assert part["run_minutes"].to_numpy() == pytest.approx(part["run_minutes"][0])


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damage_changes_the_file(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("bundle") / "model.pkl"
    file.write_bytes(b"weights")
    DAMAGES[name](file)
    assert not file.exists() or file.read_bytes() != b"weights"


def test_a_cycle_whose_end_was_not_seen_has_no_duration() -> None:
    stages = [{"name": name, "wall_seconds": 1.5} for name in ("reading items", "plant read", "predicting", AFTER)]
    assert cycle_seconds({"stages": stages}) == 3
    assert cycle_seconds({"stages": stages[:-1]}) is None
