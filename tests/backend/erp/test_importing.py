import hashlib
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import polars as pl
import pytest

from backend.domain.progress import no_progress
from backend.erp.embedded import active_profile_name, is_empty, read_notes, write_notes
from backend.erp.import_files import CsvFormat, find_sources, read_source
from backend.erp.importing import ImportSummary, import_folder
from backend.erp.reading import PlantReader
from backend.errors import DatabaseUnavailableError, ImportFileError, ProfileError
from backend.iter_training.plant_facts import set_aside
from backend.settings import SOURCE_ROOT, Settings, load_settings

SHARED = SOURCE_ROOT.parent / "shared" / "data"

PROFILE = """
description: a small plant
time_zone: Asia/Seoul
attributes: {weight: {kind: numeric, unit_column: unit}}
import:
  tables:
    parts: {files: ["부품", parts]}
    steps: {files: ["steps*"]}
    lots: {files: [lots]}
  counts: {work orders: SELECT COUNT(*) FROM lots}
indexes:
  - {name: parts_code, table: parts, columns: [code]}
"""
ITEMS = "SELECT code AS item_code, name, weight, unit, colour FROM parts"
ROUTINGS = """
SELECT part AS item_code, '1' AS routing_code, pos AS sequence, op AS operation_code, op AS operation_name,
    wc AS work_centre, io AS in_house, 0 AS setup_minutes, run AS run_minutes_per_unit
FROM steps"""
WORK_ORDERS = """
SELECT lot AS work_order_code, part AS item_code, 10 AS sequence, 'P1' AS operation_code, 'W1' AS work_centre,
    '사내' AS in_house, qty AS quantity, 5 AS setup_minutes, minutes AS run_minutes, done AS finished_at
FROM lots
WHERE minutes IS NOT NULL"""
PARTS = "code,name,weight,unit,colour\n00123,씰 링,1.5,INCH,빨강\n00124,슬리브,30,mm,빨강\n"
STEPS = "part,pos,op,wc,io,run\n00123,10,P1,W1,사내,2.5\n00124,10,P1,W1,외주,3\n"
LOTS = "lot,part,qty,minutes,done\nL1,00123,10,30.5,2024-01-02 09:00\nL2,00124,5,,\n"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    folder = tmp_path / "config" / "plants" / "small"
    folder.mkdir(parents=True)
    texts = {"profile.yaml": PROFILE, "items.sql": ITEMS, "routings.sql": ROUTINGS, "work_orders.sql": WORK_ORDERS}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return load_settings(tmp_path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    for name, text in {"parts.csv": PARTS, "steps1.csv": STEPS, "lots.csv": LOTS}.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def _import(folder: Path, settings: Settings) -> ImportSummary:
    return import_folder(folder, "small", settings, no_progress)


def test_an_imported_plant_is_read_by_its_profile_without_editing_the_configuration(
    folder: Path, settings: Settings
) -> None:
    assert settings.config.plant.profile == "ksm"
    summary = _import(folder, settings)
    assert summary.tables == {"parts": 2, "steps": 2, "lots": 2}
    assert summary.counts == {"work orders": 2}
    assert summary.work_orders_with_operations == 1
    assert active_profile_name(settings) == "small"
    data = PlantReader(settings).read_plant()
    assert data.items["item_code"].to_list() == ["00123", "00124"], "leading zeros stay"
    assert data.items["weight"].to_list() == [1.5 * 25.4, 30.0]
    assert data.routings["in_house"].to_list() == [True, False]
    assert data.quarantine == ()


def test_a_running_reader_follows_an_import(folder: Path, settings: Settings) -> None:
    _import(folder, settings)
    reader = PlantReader(settings)
    assert reader.read_items(["00123", "00125"])["item_code"].to_list() == ["00123"]
    (folder / "parts.csv").write_text(PARTS + "00125,새것,1,mm,파랑\n", encoding="utf-8")
    _import(folder, settings)
    assert sorted(reader.read_items(["00123", "00125"])["item_code"]) == ["00123", "00125"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_is_read_in_the_encodings_and_separators_of_real_exports(
    folder: Path, settings: Settings, encoding: str, separator: str
) -> None:
    (folder / "parts.csv").unlink()
    (folder / "부품.CSV").write_text(PARTS.replace(",", separator), encoding=encoding)
    _import(folder, settings)
    assert PlantReader(settings).read_plant().items["colour"].to_list() == ["빨강", "빨강"]


def test_codes_that_differ_in_capital_letters_alone_are_pointed_out_and_not_merged(
    folder: Path, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    rows = (row.replace("00123", code) for code in ("AB-1", "ab-1") for row in PARTS.splitlines() if "00123" in row)
    (folder / "parts.csv").write_text(PARTS.rstrip() + "\n" + "\n".join(rows), encoding="utf-8")
    _import(folder, settings)
    assert "items: 1 item code is written in several ways" in caplog.text
    assert "('AB-1' / 'ab-1')" in caplog.text
    plant = PlantReader(settings).read_plant()
    assert {"AB-1", "ab-1"} <= set(plant.items["item_code"])
    assert any("'AB-1' / 'ab-1'" in sentence for sentence in set_aside(plant))


def test_parquet_and_xlsx_are_read_like_csv(folder: Path, settings: Settings) -> None:
    (folder / "lots.csv").unlink()
    rows = pl.DataFrame(
        {"lot": ["L1"], "part": ["00123"], "qty": [10], "minutes": [30.5], "done": ["2024-01-02 09:00"]}
    )
    rows.with_columns(pl.col("done").str.to_datetime("%Y-%m-%d %H:%M")).write_parquet(folder / "lots.parquet")
    (folder / "steps1.csv").unlink()
    _write_workbook(folder / "steps.xlsx", [line.split(",") for line in STEPS.splitlines()])
    _import(folder, settings)
    data = PlantReader(settings).read_plant()
    assert data.work_orders["finished_at"].dt.to_string("%H:%M").to_list() == ["00:00"], "nine in the morning in Seoul"
    assert data.routings["run_minutes_per_unit"].to_list() == [2.5, 3.0]


def test_columns_that_the_selects_join_by_are_indexed_once(folder: Path, settings: Settings) -> None:
    joined = WORK_ORDERS.replace("FROM lots", "FROM lots AS l JOIN parts AS p ON p.code = l.part").replace(
        "part AS item_code", "l.part AS item_code"
    )
    (settings.root / "config" / "plants" / "small" / "work_orders.sql").write_text(joined, encoding="utf-8")
    assert _import(folder, settings).canonical_rows["work_orders"] == 1
    with closing(sqlite3.connect(settings.plant_database_path)) as connection:
        found = connection.execute(
            "SELECT tbl_name, name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY 1"
        ).fetchall()
    assert found == [("lots", "join_lots_part"), ("parts", "parts_code"), ("steps", "join_steps_part")]


def test_a_select_that_finds_nothing_is_told_with_the_likely_cause_unless_it_was_meant_so(
    folder: Path, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    profile = settings.root / "config" / "plants" / "small"
    (profile / "work_orders.sql").write_text(f"{WORK_ORDERS} AND minutes = ''", encoding="utf-8")
    (profile / "routings.sql").write_text(f"{ROUTINGS} WHERE 1 = 0", encoding="utf-8")
    assert _import(folder, settings).canonical_rows == {"items": 2, "routings": 0, "work_orders": 0}
    told = [record.getMessage() for record in caplog.records if "gives no rows" in record.getMessage()]
    assert len(told) == 1
    assert told[0].startswith("work_orders.sql gives no rows of the imported files. An empty cell arrives as NULL")


def test_several_files_of_one_pattern_make_one_table(folder: Path, settings: Settings) -> None:
    (folder / "steps2.csv").write_text("part,pos,op,wc,io,run\n00124,20,P2,W2,사내,1\n", encoding="utf-8")
    assert _import(folder, settings).tables["steps"] == 3


def test_codes_keep_their_zeros_though_another_file_of_the_table_has_plain_numbers(
    folder: Path, settings: Settings
) -> None:
    (folder / "steps0.csv").write_text("part,pos,op,wc,io,run\n124,10,P1,W1,사내,1\n", encoding="utf-8")
    _import(folder, settings)
    with closing(sqlite3.connect(settings.plant_database_path)) as connection:
        codes = {code for (code,) in connection.execute("SELECT part FROM steps")}
    assert codes == {"124", "00123", "00124"}


def test_files_that_nobody_asks_for_are_named(folder: Path, settings: Settings) -> None:
    (folder / "notes.csv").write_text("a\n1\n", encoding="utf-8")
    assert _import(folder, settings).ignored_files == ("notes",)


def test_attributes_that_the_profile_does_not_list_are_inferred_and_the_reason_is_told(
    folder: Path, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    parts = "".join(f"P{number},name {number} of many,{number}.5,mm,{number % 2}\n" for number in range(60))
    (folder / "parts.csv").write_text("code,name,weight,unit,colour\n" + parts, encoding="utf-8")
    told = _import(folder, settings).inferred_attributes
    with caplog.at_level("INFO"):
        kinds = {attribute.name: attribute.kind.value for attribute in PlantReader(settings).attributes}
    assert kinds == {"name": "text", "weight": "numeric", "colour": "categorical"}
    assert set(told) == {"name", "colour"}
    assert told["colour"] == "categorical (2 distinct among 60 values)"
    assert "attribute name is not in profile.yaml; read as text (60 distinct among 60 values" in caplog.text


def test_of_a_dozen_items_the_weights_are_numbers_and_the_few_sizes_are_categories(
    folder: Path, settings: Settings
) -> None:
    parts = "".join(f"P{number},{number % 3},{number}.25,mm,part {number}\n" for number in range(12))
    (folder / "parts.csv").write_text("code,colour,weight,unit,name\n" + parts, encoding="utf-8")
    _change_profile(settings, "attributes: {weight: {kind: numeric, unit_column: unit}}", "attributes: {}")
    told = _import(folder, settings).inferred_attributes
    assert told["weight"] == "numeric (12 of 12 values are numbers, 12 distinct)"
    assert told["colour"] == "categorical (3 distinct among 12 values)"
    assert told["name"].startswith("text")


def test_a_word_that_keeps_numbers_from_being_read_as_numbers_is_named(folder: Path, settings: Settings) -> None:
    parts = "".join(f"P{number},{number if number % 4 else 'n/a'},1,mm,red\n" for number in range(60))
    (folder / "parts.csv").write_text("code,name,weight,unit,colour\n" + parts, encoding="utf-8")
    told = _import(folder, settings).inferred_attributes["name"]
    assert told.endswith("; 45 are numbers and 15 are 'n/a': if that means none, list it in missing_values)")


GERMAN = "lot;part;qty;minutes;done\nL1;00123;10;1.030,5;2024-01-02\nL2;00124;5;12,25;2024-01-03\n"


def test_decimal_commas_are_points_once_the_profile_says_so_and_a_warning_before(
    folder: Path, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / "lots.csv").write_text(GERMAN, encoding="utf-8")
    _import(folder, settings)
    assert "lots.csv: minutes looks like numbers with a decimal comma: set import.decimal_comma: true" in caplog.text
    assert set(PlantReader(settings).read_plant().quarantine) != set(), "12,25 is no number by itself"
    _change_profile(settings, "import:", "import:\n  decimal_comma: true")
    _import(folder, settings)
    assert PlantReader(settings).read_plant().work_orders["run_minutes"].to_list() == [1030.5, 12.25]


def test_empty_cells_and_words_do_not_keep_decimal_commas_from_being_read(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    lines = ["code;weight;length;note", 'A;"1,5";"2,5";"1,5"', 'B;"";k.A.;as B, see 2,5', 'C; 3,25 ;"1.004,5";hard']
    (tmp_path / "a.csv").write_text("\n".join(lines), encoding="utf-8")
    rows = read_source(find_sources(tmp_path)[0], tmp_path, CsvFormat(decimal_comma=True)).collect()
    assert [value and value.strip() for value in rows["weight"]] == ["1.5", "", "3.25"]
    assert rows["length"].to_list() == ["2.5", "k.A.", "1004.5"]
    assert rows["note"].to_list() == ["1,5", "as B, see 2,5", "hard"]
    assert "a.csv: length holds other text beside decimal commas; the numbers are read" in caplog.text
    assert "a.csv: note holds mostly text beside decimal commas and stays" in caplog.text


def test_several_columns_of_numbers_with_words_among_them_are_told_of_in_the_plural(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    lines = ["code;weight;length", 'A;"1,5";"2,5"', "B;k.A.;k.A.", 'C;"3,25";"1.004,5"']
    (tmp_path / "a.csv").write_text("\n".join(lines), encoding="utf-8")
    read_source(find_sources(tmp_path)[0], tmp_path, CsvFormat(decimal_comma=True))
    assert "a.csv: weight, length hold other text beside decimal commas" in caplog.text


def test_the_encoding_of_files_is_read_as_the_profile_names_it(folder: Path, settings: Settings) -> None:
    (folder / "parts.csv").write_bytes(
        "code,name,weight,unit,colour\n00123,Gehäuse,1.5,mm,\n00124,Säge,2.5,mm,\n".encode("cp1252")
    )
    _change_profile(settings, "import:", "import:\n  encoding: cp1252")
    _import(folder, settings)
    assert PlantReader(settings).read_plant().items["name"].to_list() == ["Gehäuse", "Säge"]


def test_an_import_whose_sql_lacks_a_column_is_refused_before_it_replaces_anything(
    folder: Path, settings: Settings
) -> None:
    sql = settings.root / "config" / "plants" / "small" / "work_orders.sql"
    sql.write_text(sql.read_text(encoding="utf-8").replace("AS run_minutes", "AS run_time"), encoding="utf-8")
    with pytest.raises(ProfileError, match=r"work_orders\.sql has no column run_minutes"):
        _import(folder, settings)
    assert not settings.plant_database_path.exists()


def _change_profile(settings: Settings, old: str, new: str) -> None:
    path = settings.root / "config" / "plants" / "small" / "profile.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


BROKEN = {
    "a missing file": lambda folder: (folder / "lots.csv").unlink(),
    "a missing column": lambda folder: (folder / "lots.csv").write_text("lot,part\nL1,00123\n", encoding="utf-8"),
    "a ragged line": lambda folder: (folder / "lots.csv").write_text(LOTS + "L3,1,2,3,4,5,6\n", encoding="utf-8"),
    "an empty file": lambda folder: (folder / "lots.csv").write_text("", encoding="utf-8"),
    "foreign bytes": lambda folder: (folder / "lots.csv").write_bytes(b"lot,part\n\xff\xff\xfe,1\n"),
    "a false parquet": lambda folder: (folder / "lots.csv").rename(folder / "lots.parquet"),
    "a false workbook": lambda folder: (folder / "lots.csv").rename(folder / "lots.xlsx"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_failed_import_leaves_the_previous_plant_as_it_was(folder: Path, settings: Settings, name: str) -> None:
    _import(folder, settings)
    before = hashlib.sha256(settings.plant_database_path.read_bytes()).digest()
    BROKEN[name](folder)
    with pytest.raises((ImportFileError, ProfileError)):
        _import(folder, settings)
    assert hashlib.sha256(settings.plant_database_path.read_bytes()).digest() == before
    assert [path.name for path in settings.data_dir.iterdir()] == ["plant.db"], "nothing is left lying about"


def test_what_an_older_plants_journal_holds_does_not_reach_the_new_one(folder: Path, settings: Settings) -> None:
    settings.data_dir.mkdir()
    with closing(sqlite3.connect(settings.plant_database_path)) as old:
        old.execute("PRAGMA journal_mode=WAL")
        old.execute("CREATE TABLE parts (code TEXT)")
        old.commit()
        _import(folder, settings)
    with closing(sqlite3.connect(settings.plant_database_path)) as new:
        assert new.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert new.execute("SELECT COUNT(*) FROM lots").fetchone() == (2,)


def test_only_the_embedded_plant_overrides_the_configured_profile(folder: Path, settings: Settings) -> None:
    _import(folder, settings)
    assert read_notes(settings.plant_database_path)["profile"] == "small"
    elsewhere = settings.env.model_copy(update={"DATABASE_URL": "postgresql://somewhere/erp"})
    assert active_profile_name(settings.model_copy(update={"env": elsewhere})) == "ksm"


def test_notes_can_be_written_by_whoever_fills_the_plant(settings: Settings) -> None:
    settings.data_dir.mkdir()
    with closing(sqlite3.connect(settings.plant_database_path)) as connection, connection:
        write_notes(connection, {"profile": "ksm"})
    assert read_notes(settings.plant_database_path) == {"profile": "ksm"}


def test_a_damaged_embedded_plant_is_an_unavailable_database_with_a_remedy(settings: Settings) -> None:
    settings.data_dir.mkdir()
    settings.plant_database_path.write_bytes(b"no database at all " * 500)
    with pytest.raises(DatabaseUnavailableError, match="import again"):
        PlantReader(settings).search_items("A", 1)
    with pytest.raises(DatabaseUnavailableError, match="import again"):
        is_empty(settings.plant_database_path)


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/data is absent, so AdventureWorks is not proven here")
def test_adventureworks_imports_whole_with_all_its_work_orders(settings: Settings) -> None:
    summary = import_folder(SHARED / "adventureworks", "adventureworks", settings, no_progress)
    assert summary.counts == {"work orders": 72_591, "work orders without operations": 29_966}
    assert summary.work_orders_with_operations == 42_625
    data = PlantReader(settings).read_plant()
    assert (len(data.items), len(data.work_orders), data.quarantine) == (504, 67_131, ())
    frame_forming = data.work_orders.filter(work_centre="frame forming")
    assert frame_forming["run_minutes"].unique().to_list() == [pytest.approx(4.1 * 60)]
    assert data.routings["item_code"].n_unique() == 149


@pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/data is absent, so the event log is not proven here")
def test_an_event_log_becomes_work_orders_with_set_up_and_run_minutes(settings: Settings) -> None:
    summary = import_folder(SHARED / "production_4tu", "production_4tu", settings, no_progress)
    assert summary.counts == {"work orders": 225, "work orders not packed yet": 50, "breakdown reports left out": 53}
    data = PlantReader(settings).read_plant()
    assert (len(data.items), len(data.work_orders), data.quarantine) == (43, 1298 + 50, ())
    first = data.work_orders.filter(work_order_code="Case 1", operation_code="Turning & Milling")
    assert first["work_centre"].to_list() == ["Machine 4 - Turning & Milling"]
    assert first.select("setup_minutes", "run_minutes", "quantity").row(0) == (379 + 22, 58 + 217, 10)
    packing = data.work_orders.filter(operation_code="Packing")
    assert packing["finished_at"].null_count() == 50, "a work order that is not packed is still open"


def _write_workbook(path: Path, rows: list[list[str]]) -> None:
    """Write a workbook of one sheet: numbers as numbers, the rest as text, but for codes."""
    cells = [[_cell(value, column) for column, value in enumerate(row)] for row in rows]
    sheet = "".join(f"<row>{''.join(row)}</row>" for row in cells)
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        '<sheet name="Sheet1" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{sheet}</sheetData></worksheet>',
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{content}')


def _cell(value: str, column: int) -> str:
    if column and value.replace(".", "").isdigit():
        return f"<c><v>{value}</v></c>"
    return f'<c t="inlineStr"><is><t>{value}</t></is></c>'


def test_points_of_thousands_are_dropped_where_decimals_have_commas_but_not_from_codes(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    lines = ["code;lot;minutes;name", "100.234;950;1,5;a 1.250", "100.235;1.250;2.000,25;b", "100.236;;3;c"]
    (tmp_path / "lots.csv").write_text("\n".join(lines), encoding="utf-8")
    source = find_sources(tmp_path)[0]
    rows = read_source(source, tmp_path, CsvFormat(decimal_comma=True)).collect()
    assert rows["lot"].to_list() == [950, 1250, None]
    assert rows["minutes"].to_list() == ["1.5", "2000.25", "3"]
    assert rows["code"].to_list() == ["100.234", "100.235", "100.236"]
    assert rows["name"].to_list() == ["a 1.250", "b", "c"]
    assert "lots.csv: code holds nothing but values such as 1.250, which stay as they are" in caplog.text
    assert read_source(source, tmp_path, CsvFormat()).collect()["lot"].to_list() == ["950", "1.250", None]


CLOCKED = """
SELECT lot AS work_order_code, part AS item_code, 10 AS sequence, 'P1' AS operation_code, 'W1' AS work_centre,
    '사내' AS in_house, qty AS quantity, began AS started_at, done AS finished_at
FROM lots"""
STAMPS = """lot,part,qty,began,done
L1,00123,10,02.01.2024 09:00,15.04.2024 21:00
L2,00124,5,03.01.2024 09:00,
L3,00124,5,04.01.2024 09:00,03.01.2024 09:00
L4,00124,5,,03.01.2024 09:00
"""


def test_a_record_of_starts_and_ends_alone_tells_how_long_operations_took(folder: Path, settings: Settings) -> None:
    profile = settings.root / "config" / "plants" / "small"
    (profile / "work_orders.sql").write_text(CLOCKED, encoding="utf-8")
    _change_profile(settings, "import:", 'date_formats: ["%d.%m.%Y %H:%M"]\nimport:')
    _change_profile(settings, "Asia/Seoul", "Europe/Prague")
    (folder / "lots.csv").write_text(STAMPS, encoding="utf-8")
    _import(folder, settings)
    plant = PlantReader(settings).read_plant()
    first, still_open = plant.work_orders.sort("work_order_code").to_dicts()
    assert (first["setup_minutes"], first["run_minutes"]) == (0, 104.5 * 1440), "summer time takes no hour from it"
    assert first["released_at"].isoformat() == "2024-01-02T08:00:00", "09:00 in Prague"
    assert (still_open["work_order_code"], still_open["run_minutes"]) == ("L2", None)
    reasons = {count.reason: count.rows for count in plant.quarantine}
    assert reasons == {"finished before it was started": 1, "finished without run_minutes": 1}


def test_where_starts_and_ends_are_days_the_last_one_counts_if_the_profile_says_so(
    folder: Path, settings: Settings
) -> None:
    profile = settings.root / "config" / "plants" / "small"
    (profile / "work_orders.sql").write_text(CLOCKED, encoding="utf-8")
    days = "lot,part,qty,began,done\nL1,00123,1,2024-03-30,2024-03-30\nL2,00124,1,2024-03-30,2024-04-01\n"
    (folder / "lots.csv").write_text(days, encoding="utf-8")
    _change_profile(settings, "Asia/Seoul", "Europe/Prague")
    _import(folder, settings)
    plant = PlantReader(settings).read_plant()
    assert plant.work_orders["run_minutes"].to_list() == [0, 2 * 1440]
    assert set_aside(plant)[-1].startswith("work_orders: 1 of 2 finished rows (50.0%) took 0 minutes; where started_at")
    _change_profile(settings, "import:", "whole_days: true\nimport:")
    plant = PlantReader(settings).read_plant()
    assert plant.work_orders["run_minutes"].to_list() == [1440, 3 * 1440]
    assert set_aside(plant) == []


def test_work_orders_without_any_time_column_are_refused_by_name(folder: Path, settings: Settings) -> None:
    timeless = CLOCKED.replace("began AS started_at", "began AS started")
    (settings.root / "config" / "plants" / "small" / "work_orders.sql").write_text(timeless, encoding="utf-8")
    (folder / "lots.csv").write_text(STAMPS, encoding="utf-8")
    with pytest.raises(ProfileError, match="no column run_minutes or started_at"):
        _import(folder, settings)
