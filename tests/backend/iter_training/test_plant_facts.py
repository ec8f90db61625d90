"""What a training tells of the plant it has read."""

from datetime import datetime

import polars as pl

from backend.domain.plant import ROUTING_SCHEMA, WORK_ORDER_SCHEMA, PlantData, QuarantineCount
from backend.iter_training.plant_facts import set_aside

DAY = datetime(2026, 1, 5)  # noqa: DTZ001 - naive UTC


def plant(rows: list[tuple[str, bool, bool, float]], copies: int = 0) -> PlantData:
    """Make a plant of rows: operation, in-house, finished, minutes."""
    data = {
        "work_order_code": [f"L{number}" for number in range(len(rows))],
        "item_code": ["A"] * len(rows),
        "sequence": [10] * len(rows),
        "operation_code": [operation for operation, *_ in rows],
        "in_house": [in_house for _, in_house, *_ in rows],
        "quantity": [1.0] * len(rows),
        "setup_minutes": [0.0] * len(rows),
        "run_minutes": [minutes for *_, minutes in rows],
        "finished_at": [DAY if finished else None for _, _, finished, _ in rows],
    }
    frame = pl.DataFrame(data).select(
        (pl.col(name) if name in data else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in WORK_ORDER_SCHEMA.items()
    )
    reason = "duplicate work_order_code + item_code + sequence + operation_code"
    counts = (QuarantineCount("work_orders", reason, copies),) if copies else ()
    read = {"items": 1, "routings": 0, "work_orders": len(rows) + copies}
    return PlantData(
        pl.DataFrame({"item_code": ["A"]}), pl.DataFrame(schema=ROUTING_SCHEMA), frame, (), read, counts, ()
    )


def test_many_rows_of_one_key_are_told_to_be_summed_up_and_a_few_are_only_counted() -> None:
    rows = [("CUT", True, True, 5.0)] * 200
    assert len(set_aside(plant(rows, copies=1))) == 1
    told = set_aside(plant(rows, copies=40))
    assert len(told) == 2
    assert "GROUP BY" in told[1]


def test_operations_that_are_never_finished_are_named() -> None:
    rows = [("CUT", True, True, 5.0)] * 30 + [("GALVANISE", False, False, 0.0)] * 30 + [("NEW", True, False, 0.0)] * 3
    told = set_aside(plant(rows))
    assert len(told) == 1
    assert told[0].startswith("work_orders: hardly a row of operation GALVANISE (30 rows) has a finished_at")


def test_outsourced_operations_without_minutes_are_not_taken_for_days_without_a_time() -> None:
    assert set_aside(plant([("CUT", True, True, 5.0)] * 30 + [("GALVANISE", False, True, 0.0)] * 30)) == []
    assert "whole_days" in set_aside(plant([("CUT", True, True, 0.0)] * 30))[0]
