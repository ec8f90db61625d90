from datetime import datetime

from backend.domain.standards import ItemStandards, StandardsStatus
from backend.erp.reading import PlantReader
from backend.erp.standard_routings import read_standard_routings
from tests.backend.erp.ksm_plant import KsmPlant

NOW = datetime.fromisoformat("2024-06-01 12:00:00")


def standards(plant: KsmPlant, *codes: str) -> list[ItemStandards]:
    return read_standard_routings(PlantReader(plant.settings), codes, NOW)


def test_each_item_gets_its_operations_in_order_or_the_reason_why_not(plant: KsmPlant) -> None:
    plant.add_item("A/1 가")
    plant.add_item("B")
    plant.add_routing("A/1 가", 20, OP_CODE="P20", INOUT_GBN="외주", WC_CODE=None, SETUP_MIN=0.0, RUN_MIN=4.0)
    plant.add_routing("A/1 가", 10)
    first, second, third, again = standards(plant, "A/1 가", "B", "NOBODY", "A/1 가")

    assert [each.status for each in (first, second, third)] == ["ok", "no_routing", "not_found"]
    (routing,) = first.routings
    assert [(op.sequence, op.operation_code, op.in_house) for op in routing.operations] == [
        (10, "P10", True),
        (20, "P20", False),
    ]
    assert (routing.operations[1].work_centre, routing.operations[1].run_minutes_per_unit) == ("외주", 4.0)
    assert again == first


def test_routings_that_ended_or_have_not_begun_are_not_the_present_ones(plant: KsmPlant) -> None:
    plant.add_item("A")
    plant.add_routing("A", ROUT_NO="00", VALID_TO="2024-01-01 00:00:00")
    plant.add_routing("A", ROUT_NO="01", VALID_FROM="2024-01-01 00:00:00")
    plant.add_routing("A", ROUT_NO="02", VALID_FROM="2024-02-01 00:00:00")
    plant.add_routing("A", ROUT_NO="03", VALID_FROM="2024-07-01 00:00:00")
    (found,) = standards(plant, "A")

    assert [routing.routing_code for routing in found.routings] == ["02", "01"], "the newest first"


def test_of_an_operation_that_was_dated_anew_the_newest_row_counts(plant: KsmPlant) -> None:
    plant.add_item("A")
    plant.add_routing("A", 10)
    plant.add_routing("A", 20, OP_CODE="P20", RUN_MIN=5.0)
    plant.add_routing("A", 20, OP_CODE="P20", RUN_MIN=4.0, VALID_FROM="2023-01-01 00:00:00")
    (found,) = standards(plant, "A")
    (routing,) = found.routings

    assert [op.run_minutes_per_unit for op in routing.operations] == [2.5, 4.0]
    assert routing.valid_from == datetime.fromisoformat("2022-12-31 15:00:00"), "midnight in Seoul"


def test_rows_that_cannot_be_trusted_are_counted_with_their_item(plant: KsmPlant) -> None:
    plant.add_item("A")
    plant.add_item("B")
    plant.add_routing("A", 10)
    plant.add_routing("A", 20, OP_CODE="P20", RUN_MIN=-1.0)
    plant.add_routing("B", 10, SETUP_MIN=None)
    first, second = standards(plant, "A", "B")

    assert (first.rows_set_aside, len(first.routings[0].operations)) == (1, 1)
    assert (second.status, second.rows_set_aside) == (StandardsStatus.NO_ROUTING, 1)


def test_a_thousand_codes_are_answered_in_their_order(plant: KsmPlant) -> None:
    plant.add_item("C999")
    plant.add_routing("C999")
    codes = [f"C{number}" for number in range(1000)]
    found = standards(plant, *codes)

    assert [each.item_code for each in found] == codes
    assert [each.item_code for each in found if each.routings] == ["C999"]
