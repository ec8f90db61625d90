import csv
import io
import json
import math
from datetime import datetime
from pathlib import Path

import fastexcel
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.progress import no_progress
from backend.domain.routing import RoutingOperation
from backend.erp.export_files import harmless, to_csv, to_json, to_xlsx
from backend.erp.export_table import ExportedRouting, ExportTable, lay_out
from backend.erp.importing import import_folder
from backend.erp.profile import ProfileFile, load_profile
from backend.erp.reading import PlantReader
from backend.erp.standard_routings import read_standard_routings
from backend.settings import SOURCE_ROOT, load_settings

KSM = load_profile(SOURCE_ROOT / "config/plants/ksm").rules
EVENING = datetime(2026, 3, 1, 16)  # noqa: DTZ001 - naive UTC; in Seoul it is the next day
TURN = RoutingOperation(10, "C010", "선삭 (Turning), 1차", "W0608", True, 17.4, 0.1 + 0.2)
COAT = RoutingOperation(20, "G030", "=1+1", "외주", False, 0.0, 2.5)
ROUTING = ExportedRouting("00123", (TURN, COAT), None, 20.0)


def test_rows_come_in_the_erps_own_columns_words_and_order() -> None:
    table = lay_out([ROUTING], KSM, EVENING)

    assert table.columns == (
        *("ITEM_CODE", "ROUT_NO", "OP_SEQ", "OP_CODE", "OP_NAME", "WC_CODE", "WC_NAME"),
        *("INOUT_GBN", "SETUP_MIN", "RUN_MIN", "VALID_FROM", "VALID_TO"),
    )
    assert table.rows[0] == (
        *("00123", "01", 10, "C010", "선삭 (Turning), 1차", "W0608", ""),
        *("사내", 17.4, 0.3, "2026-03-02", "2999-12-31"),
    )
    assert table.rows[1][7] == "외주"


def test_times_are_in_the_units_of_the_erp_unless_a_column_says_otherwise() -> None:
    rules = ProfileFile.model_validate(
        {
            "description": "x",
            "routing_times": {"setup_minutes": "hours", "run_minutes_per_unit": "seconds"},
            "export": [
                {"column": "S", "field": "setup_minutes"},
                {"column": "R", "field": "run_minutes_per_unit"},
                {"column": "M", "field": "run_minutes_per_unit", "unit": "minutes"},
                {"column": "LOT", "field": "lot_minutes", "unit": "hours"},
                {"column": "QTY", "field": "quantity"},
                {"column": "ROUTE", "field": "routing_code", "value": "NEW"},
            ],
        }
    )
    without = ExportedRouting("A", (COAT,), "07")

    assert lay_out([ROUTING, without], rules, EVENING).rows == (
        (0.29, 18.0, 0.3, 0.39, 20.0, "NEW"),
        (0.0, 150.0, 2.5, 0.833333, 20.0, "NEW"),
        (0.0, 150.0, 2.5, None, None, "07"),
    )


def test_a_profile_without_a_layout_gives_the_columns_of_its_routings_in_minutes() -> None:
    rules = ProfileFile.model_validate({"description": "x", "routing_times": {"setup_minutes": "hours"}})
    table = lay_out([ROUTING], rules, EVENING)

    assert table.columns[:3] == ("item_code", "routing_code", "sequence")
    assert dict(zip(table.columns, table.rows[0], strict=True))["setup_minutes"] == 17.4


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_an_exported_routing_is_imported_again_as_it_was(tmp_path: Path, ending: str) -> None:
    table = lay_out([ROUTING, ExportedRouting("124", (TURN,))], KSM, EVENING)
    folder = tmp_path / "files"
    folder.mkdir()
    written = to_csv(table) if ending == "csv" else to_xlsx(table)
    (folder / f"BI_ROUTING_VIEW.{ending}").write_bytes(written)
    _write_the_other_tables(folder)
    settings = load_settings(tmp_path)
    import_folder(folder, "ksm", settings, no_progress)
    first, second = read_standard_routings(PlantReader(settings), ["00123", "124"], datetime(2026, 4, 1))  # noqa: DTZ001

    operations = first.routings[0].operations
    assert [op.operation_code for op in operations] == ["C010", "G030"]
    assert (operations[0].operation_name, operations[0].run_minutes_per_unit) == ("선삭 (Turning), 1차", 0.3)
    assert operations[1].operation_name == ("'=1+1" if ending == "csv" else "=1+1")
    assert [op.in_house for op in operations] == [True, False]
    assert second.routings[0].routing_code == "01"


def _write_the_other_tables(folder: Path) -> None:
    """Write the ksm plant's items and (no) work orders as CSV."""
    for table, codes in (("items", ("00123", "124")), ("work_orders", ())):
        head, _, source = load_profile(SOURCE_ROOT / "config/plants/ksm").sql[table].partition("FROM ")
        columns = [line.strip().rstrip(",").split(" AS ")[0] for line in head.splitlines()[1:]]
        lines = [",".join(columns), *(",".join([code] + ["x"] * (len(columns) - 1)) for code in codes)]
        (folder / f"{source.strip()}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


texts = st.text(st.characters(blacklist_categories=["Cs"], min_codepoint=32), max_size=20) | st.sampled_from(
    ["=1+1", "+1", "-3", "-3.5", "@A1", "\tA", "00123", "-A", "＝1", "1e5", "", "'=1", '=HYPERLINK("x")', "+82-10"]
)
numbers = st.integers(0, 2**31 - 1) | st.floats(0, 1e9).map(lambda number: round(number, 6))
tables = st.lists(st.tuples(texts, st.none() | numbers), max_size=5).map(
    lambda rows: ExportTable(("코드", "분"), tuple(rows), EVENING.date())
)


@given(tables)
def test_no_cell_of_a_csv_file_starts_a_formula_and_every_other_text_is_kept(table: ExportTable) -> None:
    written = to_csv(table)
    rows = list(csv.reader(io.StringIO(written.decode("utf-8-sig"), newline="")))

    assert written.startswith(b"\xef\xbb\xbf")
    assert rows[0] == ["코드", "분"]
    for (text, number), (cell, digits) in zip(table.rows, rows[1:], strict=True):
        assert cell in {text, f"'{text}"}
        assert not cell.startswith(tuple("=+-@\t\r＝＋－＠")) or math.isfinite(float(cell.replace(",", ".")))
        assert digits == "" if number is None else float(digits) == number


@given(texts)
def test_a_text_is_made_harmless_once(text: str) -> None:
    assert harmless(harmless(text)) == harmless(text)


@given(tables)
def test_a_workbook_gives_back_every_text_and_number(table: ExportTable) -> None:
    sheet = fastexcel.read_excel(to_xlsx(table)).load_sheet(0, dtypes={0: "string", 1: "float"})
    found = sheet.to_polars().rows()

    assert sheet.name == "routings"
    assert [(text or "", number) for text, number in found] == list(table.rows)


@given(tables)
def test_json_has_the_columns_in_order_and_the_values_as_they_are(table: ExportTable) -> None:
    assert json.loads(to_json(table)) == [dict(zip(table.columns, row, strict=True)) for row in table.rows]
