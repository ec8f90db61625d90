import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from backend.domain.plant import ROUTING_SCHEMA, WORK_ORDER_SCHEMA, AttributeKind, PlantData
from backend.erp.bulk_reading import distinct
from backend.erp.quarantine import Quarantine
from backend.erp.reading import PlantReader
from backend.errors import DatabaseUnavailableError
from backend.settings import SOURCE_ROOT, load_settings
from tests.backend.erp.ksm_plant import KsmPlant


def _reasons(data: PlantData, table: str) -> dict[str, int]:
    return {count.reason: count.rows for count in data.quarantine if count.table == table}


def _only_row(frame: pl.DataFrame) -> dict[str, Any]:
    assert len(frame) == 1
    return frame.row(0, named=True)


def test_a_clean_plant_arrives_whole_with_the_canonical_columns(plant: KsmPlant) -> None:
    plant.add_item("A", PART_TYPE="KBM", OUTDIAMETER=92.5, OUTDIAMETER_UNIT="MM")
    plant.add_routing("A")
    plant.add_work_order("W1")
    data = PlantReader(plant.settings).read_plant()
    assert dict(data.routings.schema) == ROUTING_SCHEMA
    assert dict(data.work_orders.schema) == WORK_ORDER_SCHEMA
    assert data.rows_read == {"items": 1, "routings": 1, "work_orders": 1}
    assert data.quarantine == ()
    item = _only_row(data.items)
    assert item["PART_TYPE"] == "KBM"
    assert item["OUTDIAMETER"] == 92.5
    assert item["created_at"] == datetime.fromisoformat("2020-01-02 00:00"), "Korean time is nine hours ahead of UTC"
    assert _only_row(data.routings)["valid_to"] is None, "2999-12-31 means no end"
    lot = _only_row(data.work_orders)
    assert (lot["setup_minutes"], lot["run_minutes"], lot["quantity"]) == (30.0, 55.5, 20.0), "HOURS hold minutes"
    assert lot["in_house"] is True
    assert lot["finished_at"] == datetime.fromisoformat("2024-01-02 00:00")


def test_an_empty_plant_reads_as_empty_frames_with_the_right_columns(plant: KsmPlant) -> None:
    reader = PlantReader(plant.settings)
    data = reader.read_plant()
    assert dict(data.work_orders.schema) == WORK_ORDER_SCHEMA
    assert data.items.columns == ["item_code", "created_at", *(attribute.name for attribute in reader.attributes)]
    assert reader.read_items(["A"]).schema == data.items.schema
    assert reader.read_routings([]).is_empty()


def test_attributes_are_typed_and_lengths_are_millimetres(plant: KsmPlant) -> None:
    plant.add_item("INCH", IN_SEALSIZE=2.0, IN_SEALSIZE_UOM=" inch ")
    plant.add_item("MM", IN_SEALSIZE=50.8, IN_SEALSIZE_UOM="MM")
    plant.add_item("BLANK", IN_SEALSIZE=9.5, IN_SEALSIZE_UOM="")
    plant.add_item("GROUP", IN_SEALSIZE=7.0, IN_SEALSIZE_UOM="GROUP")
    plant.add_item("EMPTY", IN_SEALSIZE=9999, IN_SEALSIZE_UOM="MM")
    plant.add_item("ZERO", IN_SEALSIZE=0, IN_SEALSIZE_UOM="MM")
    reader = PlantReader(plant.settings)
    sizes = dict(reader.read_plant().items.select("item_code", "IN_SEALSIZE").iter_rows())
    assert sizes == {"INCH": 50.8, "MM": 50.8, "BLANK": 9.5, "GROUP": None, "EMPTY": None, "ZERO": None}
    kinds = {attribute.name: attribute.kind for attribute in reader.attributes}
    assert kinds["IN_SEALSIZE"] is AttributeKind.NUMERIC
    assert kinds["ITEM_NM"] is AttributeKind.TEXT
    assert "IN_SEALSIZE_UOM" not in kinds
    assert "DRAW_USE" not in kinds, "ignored by the profile"


def test_missing_values_of_an_attribute_are_null_however_they_are_written(plant: KsmPlant) -> None:
    for number, value in enumerate(["", "nan", "NaN", " 9999 ", None, "NULL"]):
        plant.add_item(f"I{number}", ITEM_TYPE=value)
    assert PlantReader(plant.settings).read_plant().items["ITEM_TYPE"].null_count() == 6


BadRow = tuple[str, Callable[[KsmPlant], None]]
BAD_WORK_ORDERS: list[BadRow] = [
    ("missing work_order_code", lambda plant: plant.add_work_order(" ")),
    ("missing item_code", lambda plant: plant.add_work_order("W", None)),
    ("unknown item", lambda plant: plant.add_work_order("W", "NOBODY")),
    ("missing operation_code", lambda plant: plant.add_work_order("W", OP_CODE="")),
    ("missing work_centre", lambda plant: plant.add_work_order("W", WC_CODE=None)),
    ("missing sequence", lambda plant: plant.add_work_order("W", OP_SEQ=None)),
    ("unreadable in_house", lambda plant: plant.add_work_order("W", INOUT_GBN="?")),
    ("unreadable in_house", lambda plant: plant.add_work_order("W", INOUT_GBN=None)),
    ("missing quantity", lambda plant: plant.add_work_order("W", ORDER_QTY=None)),
    ("quantity not above zero", lambda plant: plant.add_work_order("W", ORDER_QTY=0)),
    ("quantity above 1e+07", lambda plant: plant.add_work_order("W", ORDER_QTY=99_999_999)),
    ("negative setup_minutes", lambda plant: plant.add_work_order("W", ACT_SETUP_HOURS=-1)),
    ("run_minutes above 100000", lambda plant: plant.add_work_order("W", ACT_RUN_HOURS=1e9)),
    ("finished without run_minutes", lambda plant: plant.add_work_order("W", ACT_RUN_HOURS=None)),
    ("finished before it was released", lambda plant: plant.add_work_order("W", FINISH_DATE="2023-01-01 00:00:00")),
]


@pytest.mark.parametrize(("reason", "add_bad_row"), BAD_WORK_ORDERS, ids=[reason for reason, _ in BAD_WORK_ORDERS])
def test_a_work_order_row_that_cannot_be_trusted_is_set_aside_under_its_reason(
    embedded_plant: KsmPlant, reason: str, add_bad_row: Callable[[KsmPlant], None]
) -> None:
    embedded_plant.add_item("A")
    embedded_plant.add_work_order("GOOD")
    add_bad_row(embedded_plant)
    data = PlantReader(embedded_plant.settings).read_plant()
    assert _reasons(data, "work_orders") == {reason: 1}
    assert data.work_orders["work_order_code"].to_list() == ["GOOD"]


def test_a_finish_without_a_time_of_day_is_some_time_of_its_day(embedded_plant: KsmPlant) -> None:
    embedded_plant.add_item("A")
    for number, finish in (
        ("SAME-DAY", "2024-01-01"),
        ("DAY-BEFORE", "2023-12-31"),
        ("TIMED", "2024-01-01 08:59:00"),
        ("LATER", "2024-01-02"),
    ):
        embedded_plant.add_work_order(number, RELEASE_DATE="2024-01-01 09:00:00", FINISH_DATE=finish)
    data = PlantReader(embedded_plant.settings).read_plant()
    assert _reasons(data, "work_orders") == {"finished before it was released": 2}
    assert sorted(data.work_orders["work_order_code"]) == ["LATER", "SAME-DAY"]


def test_the_same_dirt_is_set_aside_on_every_database(plant: KsmPlant) -> None:
    plant.add_item("A")
    plant.add_item("A", PART_TYPE="again")
    plant.add_item(" ")
    for reason, add_bad_row in BAD_WORK_ORDERS:
        if reason not in {"missing sequence"}:
            add_bad_row(plant)
    plant.add_work_order("W9")
    plant.add_work_order("W9")
    plant.add_routing("A", SETUP_MIN=-3.0)
    plant.add_routing("A", OP_CODE=None)
    plant.add_routing("A", VALID_TO="2019-01-01 00:00:00")
    plant.add_routing("NOBODY")
    data = PlantReader(plant.settings).read_plant()
    assert _reasons(data, "items") == {"duplicate item_code": 1, "missing item_code": 1}
    assert _reasons(data, "routings") == {
        "negative setup_minutes": 1,
        "missing operation_code": 1,
        "not valid on any day": 1,
        "unknown item": 1,
    }
    bad = _reasons(data, "work_orders")
    assert bad.pop("duplicate work_order_code + item_code + sequence + operation_code") == 1
    assert sum(bad.values()) == len(BAD_WORK_ORDERS) - 1
    for table, frame in (("items", data.items), ("routings", data.routings), ("work_orders", data.work_orders)):
        assert len(frame) + sum(_reasons(data, table).values()) == data.rows_read[table], "no row is lost silently"


def test_of_rows_that_contradict_each_other_the_same_stays_in_whatever_order_and_batches_they_come() -> None:
    rows = pl.DataFrame(
        {"item_code": ["A", "B", "A", "C", "A", "C"], "colour": ["red", "blue", None, "x", "green", "x"]}
    )
    kept = []
    for order in ([0, 1, 2, 3, 4, 5], [5, 4, 3, 2, 1, 0], [2, 4, 0, 5, 1, 3]):
        shuffled, quarantine = rows[order], Quarantine()
        for cut in (1, 3, 6):
            batches = [shuffled[:cut], shuffled[cut:]]
            kept.append(distinct(batches, "items", quarantine).sort("item_code"))
        assert [count.rows for count in quarantine.rows] == [9], "three in each of the three reads"
    assert kept[0]["item_code"].to_list() == ["A", "B", "C"]
    assert all(each.equals(kept[0]) for each in kept)


def test_open_work_orders_stay_and_need_no_times(plant: KsmPlant) -> None:
    plant.add_item("A")
    plant.add_work_order("W1", FINISH_DATE=None, ACT_SETUP_HOURS=None, ACT_RUN_HOURS=None)
    lot = _only_row(PlantReader(plant.settings).read_plant().work_orders)
    assert (lot["finished_at"], lot["run_minutes"]) == (None, None)


def test_an_impossible_plan_is_dropped_but_its_work_order_stays(plant: KsmPlant) -> None:
    plant.add_item("A")
    plant.add_work_order("W1", PLAN_SETUP_MIN=-5, PLAN_RUN_MIN=1e12)
    lot = _only_row(PlantReader(plant.settings).read_plant().work_orders)
    assert (lot["planned_setup_minutes"], lot["planned_run_minutes"]) == (None, None)


def test_an_outsourced_operation_without_work_centre_gets_the_plants_word(plant: KsmPlant) -> None:
    plant.add_item("A")
    plant.add_work_order("W1", INOUT_GBN="외주", WC_CODE="")
    lot = _only_row(PlantReader(plant.settings).read_plant().work_orders)
    assert (lot["in_house"], lot["work_centre"]) == (False, "외주")


def test_text_in_a_number_column_is_quarantined_even_after_many_nulls(embedded_plant: KsmPlant) -> None:
    """SQLite mixes types in a column; its Arrow driver alone would guess int64 and fail."""
    embedded_plant.add_item("A")
    embedded_plant.run(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) "
        "INSERT INTO BI_WORK_ORDER_RESULTS (WORK_ORDER_NO, ITEM_CODE, OP_SEQ, OP_CODE, WC_CODE, INOUT_GBN, ORDER_QTY) "
        "SELECT 'O' || i, 'A', 10, 'P10', 'W1', 'Y', 1 FROM n"
    )
    embedded_plant.add_work_order("LATE", ACT_RUN_HOURS="두 시간")
    data = PlantReader(embedded_plant.settings).read_plant()
    assert _reasons(data, "work_orders") == {"unreadable run_minutes": 1}
    assert len(data.work_orders) == 3000


def test_known_items_are_found_though_stored_with_a_leading_space(plant: KsmPlant) -> None:
    plant.add_item(" 4H69065ZZ", PART_TYPE="58")
    plant.add_item("B")
    reader = PlantReader(plant.settings)
    found = reader.read_items(["4H69065ZZ", "NOBODY"])
    assert found["item_code"].to_list() == ["4H69065ZZ"]
    assert found.schema == reader.read_plant().items.schema


def test_thousands_of_codes_are_looked_up_in_chunks(plant: KsmPlant) -> None:
    for number in range(5):
        plant.add_item(f"C{number}")
        plant.add_routing(f"C{number}")
    reader = PlantReader(plant.settings)
    codes = [f"C{number}" for number in range(4100)]
    assert sorted(reader.read_items(codes)["item_code"]) == ["C0", "C1", "C2", "C3", "C4"]
    assert len(reader.read_routings(codes)) == 5


def test_work_orders_finished_after_a_moment_are_read_with_the_open_ones_and_nothing_else(plant: KsmPlant) -> None:
    plant.add_item("A")
    plant.add_routing("A")
    plant.add_work_order("OLD", FINISH_DATE="2024-01-02 09:00:00")
    plant.add_work_order("THEN", FINISH_DATE="2024-03-01 09:00:00")
    plant.add_work_order("NEW", FINISH_DATE="2024-03-01 09:00:01")
    plant.add_work_order("BAD", FINISH_DATE="2024-03-02 09:00:00", ORDER_QTY=0)
    plant.add_work_order("OPEN", FINISH_DATE=None)
    moment = datetime.fromisoformat("2024-03-01 00:00:00")
    data = PlantReader(plant.settings).read_work_orders_since(moment)
    assert sorted(data.work_orders["work_order_code"]) == ["NEW", "OPEN"], "Seoul is nine hours ahead"
    assert (len(data.items), len(data.routings)) == (0, 0)
    assert data.rows_read == {"items": 0, "routings": 0, "work_orders": 4}, "the old row is left to the database"
    assert _reasons(data, "work_orders") == {"quantity not above zero": 1}


def test_dates_that_have_no_order_as_texts_are_compared_after_they_are_read(tmp_path: Path) -> None:
    shutil.copytree(SOURCE_ROOT / "config/plants/ksm", tmp_path / "config/plants/ksm")
    rules = tmp_path / "config/plants/ksm/profile.yaml"
    rules.write_text('date_formats: ["%d.%m.%Y"]\n' + rules.read_text(encoding="utf-8"), encoding="utf-8")
    plant = KsmPlant(load_settings(tmp_path))
    plant.add_work_order("OLD", FINISH_DATE="31.12.2023", RELEASE_DATE=None)
    plant.add_work_order("NEW", FINISH_DATE="02.03.2024")
    data = PlantReader(plant.settings).read_work_orders_since(datetime.fromisoformat("2024-03-01 00:00:00"))
    assert data.work_orders["work_order_code"].to_list() == ["NEW"]


@pytest.mark.parametrize(
    ("wanted", "found"), [("gland", ["A", "B"]), ("100%", ["C"]), ("_", []), ("[", []), ("b", ["B"])]
)
def test_search_looks_into_codes_and_names_in_any_case_and_takes_wildcards_literally(
    plant: KsmPlant, wanted: str, found: list[str]
) -> None:
    plant.add_item("A", ITEM_NM="316 GLAND")
    plant.add_item("B", ITEM_NM="Gland, inner")
    plant.add_item("C", ITEM_NM="100% PTFE")
    assert [row["item_code"] for row in PlantReader(plant.settings).search_items(wanted, 10)] == found


def test_search_stops_at_the_limit(plant: KsmPlant) -> None:
    for number in range(5):
        plant.add_item(f"C{number}")
    assert len(PlantReader(plant.settings).search_items("C", 3)) == 3


def test_a_plant_without_tables_says_what_to_run(tmp_path: Any) -> None:
    with pytest.raises(DatabaseUnavailableError, match="routing-ml demo"):
        PlantReader(load_settings(tmp_path)).read_plant()
