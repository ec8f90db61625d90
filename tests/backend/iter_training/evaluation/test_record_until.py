"""The record as of an earlier day: what finished later is not seen, and no lot under way looks complete."""

from datetime import date, datetime

import polars as pl
import pytest

from backend.domain.plant import ROUTING_SCHEMA, WORK_ORDER_SCHEMA, PlantData
from backend.errors import InsufficientDataError
from backend.iter_training.evaluation.record_until import end_of_day, plant_until, record_until

EVENING = end_of_day(date(2014, 12, 31), "UTC")


def day(text: str) -> datetime:
    return datetime.fromisoformat(text)


def operation(lot: str, sequence: int, began: str | None, ended: str | None) -> dict[str, object]:
    return {
        "work_order_code": lot,
        "item_code": f"ITEM-{lot}",
        "sequence": sequence,
        "operation_code": f"OP{sequence}",
        "work_centre": "W",
        "in_house": True,
        "quantity": 1.0,
        "setup_minutes": 0.0,
        "run_minutes": 1440.0,
        "released_at": began and day(began),
        "finished_at": ended and day(ended),
    }


@pytest.fixture
def plant() -> PlantData:
    rows = [
        operation("DONE", 10, "2014-05-01", "2014-06-01"),
        operation("UNDER-WAY", 10, "2014-12-01", "2014-12-20"),
        operation("UNDER-WAY", 20, "2014-12-20", "2015-01-20"),
        operation("UNDER-WAY", 30, "2015-01-20", "2015-02-20"),
        operation("LATER", 10, "2015-03-01", "2015-04-01"),
        operation("UNDATED", 10, None, "2015-05-01"),
    ]
    created = {"ITEM-DONE": "2016-01-01", "ITEM-UNDER-WAY": "2014-01-01", "ITEM-LATER": "2015-02-01", "NEVER": None}
    items = pl.DataFrame(
        {"item_code": list(created), "created_at": [each and day(each) for each in created.values()]},
        schema={"item_code": pl.String, "created_at": pl.Datetime("us")},
    )
    routings = pl.DataFrame(
        {"item_code": ["NEVER", "NEVER"], "routing_code": ["old", "new"], "valid_from": [None, day("2015-01-01")]},
    )
    empty = pl.DataFrame(schema=ROUTING_SCHEMA)
    return PlantData(
        items,
        pl.concat([empty, routings.cast({"valid_from": pl.Datetime("us")})], how="diagonal"),
        pl.DataFrame(rows, schema=WORK_ORDER_SCHEMA),
        (),
    )


def test_what_finished_later_is_open_or_not_there_yet(plant: PlantData) -> None:
    seen = plant_until(plant, EVENING).work_orders
    rows = seen.select("work_order_code", "sequence", "run_minutes", "finished_at", "released_at").rows()
    assert rows == [
        ("DONE", 10, 1440.0, day("2014-06-01"), day("2014-05-01")),
        ("UNDER-WAY", 10, 1440.0, day("2014-12-20"), day("2014-12-01")),
        ("UNDER-WAY", 20, None, None, day("2014-12-20")),
        ("UNDER-WAY", 30, None, None, None),
    ]


def test_items_and_routings_of_later_years_are_not_there_but_an_item_that_was_made_is(plant: PlantData) -> None:
    then = plant_until(plant, EVENING)
    assert then.items["item_code"].to_list() == ["ITEM-DONE", "ITEM-UNDER-WAY", "NEVER"]
    assert then.routings["routing_code"].to_list() == ["old"]


def test_a_job_that_names_no_day_sees_everything_and_one_that_does_says_how_much(plant: PlantData) -> None:
    lines: list[str] = []
    assert record_until(plant, {}, "UTC", lines.append) is plant
    assert record_until(plant, {"as_of": "2014-12-31"}, "UTC", lines.append).work_orders.height == 4
    assert lines == ["as of 2014-12-31: 2 of 6 finished rows are seen, later ones are not"]


def test_a_day_before_the_record_begins_is_refused_with_the_day_that_it_begins(plant: PlantData) -> None:
    first = str(plant.work_orders["finished_at"].min())[:10]
    with pytest.raises(InsufficientDataError, match=f"finished by 1999-12-31.*first is of {first}"):
        record_until(plant, {"as_of": "1999-12-31"}, "UTC", print)


def test_a_day_ends_on_the_plants_own_clock() -> None:
    assert end_of_day(date(2014, 12, 31), "Asia/Seoul") == day("2014-12-31 14:59:59.999999")
