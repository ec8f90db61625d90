"""What a written demo plant looks like from outside."""

import hashlib
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from backend.domain.progress import no_progress
from backend.erp.demo import DemoOptions, DemoSummary, DriftScenario, write_demo_plant
from backend.erp.demo.facts import load_facts
from backend.erp.embedded import read_notes
from backend.erp.reading import PlantReader
from backend.errors import DatabaseUnavailableError, SettingError
from backend.settings import load_settings

TABLES = ("BI_ITEM_INFO_VIEW", "BI_ROUTING_VIEW", "BI_WORK_ORDER_RESULTS")


def ask(database: str | Path, sql: str, *values: object) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(sql, values).fetchall()


def content_hash(database: Path) -> str:
    digest = hashlib.sha256()
    for table in TABLES:
        for row in ask(database, f"SELECT * FROM {table} ORDER BY rowid"):  # noqa: S608
            digest.update(repr(row).encode())
    return digest.hexdigest()


def test_equal_options_write_equal_tables(tmp_path: Path) -> None:
    hashes = []
    for name in ("first", "second"):
        write_demo_plant(tmp_path / name / "plant.db", DemoOptions(items=60, seed=3))
        hashes.append(content_hash(tmp_path / name / "plant.db"))
    write_demo_plant(tmp_path / "other.db", DemoOptions(items=60, seed=4))
    assert hashes[0] == hashes[1] != content_hash(tmp_path / "other.db")


def test_the_item_view_has_the_real_columns(written: DemoSummary) -> None:
    columns = [row[1] for row in ask(written.database, "PRAGMA table_info(BI_ITEM_INFO_VIEW)")]
    assert columns == [*(column.name for column in load_facts().columns), "CREATE_DATE"]
    assert len(columns) == 42
    assert columns[0] == "ITEM_CD"


def test_the_tables_hold_nothing_but_the_plant_and_its_notes(written: DemoSummary) -> None:
    tables = {row[0] for row in ask(written.database, "SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert tables == {*TABLES, "routing_ml_plant"}
    assert read_notes(Path(written.database))["profile"] == "ksm"


def test_the_codes_of_the_runbook_have_routings_and_finished_work(written: DemoSummary) -> None:
    current = "SELECT OP_SEQ FROM BI_ROUTING_VIEW WHERE ITEM_CODE = ? AND VALID_TO = '2999-12-31'"
    finished = "SELECT COUNT(FINISH_DATE) FROM BI_WORK_ORDER_RESULTS WHERE ITEM_CODE = ?"
    for number in range(1, 201):
        code = f"ITEM{number:03d}"
        assert ask(written.database, "SELECT COUNT(*) FROM BI_ITEM_INFO_VIEW WHERE ITEM_CD = ?", code) == [(1,)]
        assert 3 <= len(ask(written.database, current, code)) <= 12
        assert ask(written.database, finished, code)[0][0] >= 3


def test_routings_have_one_to_twelve_operations_in_rising_sequence(written: DemoSummary) -> None:
    lengths = ask(
        Path(written.database),
        "SELECT COUNT(*), MAX(OP_SEQ) FROM BI_ROUTING_VIEW WHERE VALID_TO = '2999-12-31' AND ITEM_CODE NOT LIKE ' %' "
        "GROUP BY ITEM_CODE HAVING COUNT(DISTINCT OP_SEQ) = COUNT(*)",
    )
    assert {longest <= 120 for _, longest in lengths} == {True}
    assert max(count for count, _ in lengths) >= 10
    assert min(count for count, _ in lengths) >= 1


def test_reading_sets_aside_exactly_the_dirt_that_the_truth_counts(written: DemoSummary) -> None:
    plant = PlantReader(load_settings(Path(written.database).parents[1])).read_plant(no_progress)
    dirt = json.loads(Path(written.truth_file).read_text(encoding="utf-8"))["dirty_rows"]
    set_aside = dict.fromkeys(("items", "routings", "work_orders"), 0)
    for count in plant.quarantine:
        set_aside[count.table] += count.rows
    hopeless = ("duplicate", "negative_time", "absurd_time", "unparsable_time", "unparsable_date", "quantity_zero")
    for canonical, table in zip(set_aside, TABLES, strict=True):
        expected = sum(dirt[table].get(kind, 0) for kind in (*hopeless, "operation_code_missing"))
        assert set_aside[canonical] == expected, canonical
    assert len(plant.items) == written.items
    assert plant.work_orders["finished_at"].null_count() == written.open_work_order_rows


def test_about_one_row_in_a_hundred_is_dirty(written: DemoSummary) -> None:
    truth = json.loads(Path(written.truth_file).read_text(encoding="utf-8"))
    for table in TABLES:
        kinds = truth["dirty_rows"][table]
        wrong = sum(count for kind, count in kinds.items() if kind != "in_house_as_letter")
        assert 0.004 < wrong / truth["rows"][table] < 0.015


def test_missing_values_occur_as_null_and_as_empty_text(written: DemoSummary) -> None:
    for column in ("DRAW_NO", "GROUP1", "OUT_SEALTYPE_CD"):
        empty = ask(written.database, f"SELECT COUNT(*) FROM BI_ITEM_INFO_VIEW WHERE {column} = ''")[0][0]  # noqa: S608
        null = ask(written.database, f"SELECT COUNT(*) FROM BI_ITEM_INFO_VIEW WHERE {column} IS NULL")[0][0]  # noqa: S608
        assert empty > 0
        assert null > 0


def test_some_items_have_no_work_orders_and_some_no_routing(written: DemoSummary) -> None:
    without = "SELECT COUNT(*) FROM BI_ITEM_INFO_VIEW WHERE ITEM_CD NOT IN (SELECT ITEM_CODE FROM "
    no_work = ask(written.database, without + "BI_WORK_ORDER_RESULTS)")[0][0] / written.items
    no_routing = ask(written.database, without + "BI_ROUTING_VIEW)")[0][0] / written.items
    assert 0.2 < no_work < 0.55
    assert 0.05 < no_routing < 0.15


def test_nothing_happens_after_the_plants_own_today(written: DemoSummary) -> None:
    latest = ask(
        Path(written.database),
        "SELECT MAX(FINISH_DATE), MAX(RELEASE_DATE) FROM BI_WORK_ORDER_RESULTS WHERE FINISH_DATE LIKE '20%'",
    )[0]
    assert max(latest) < "2026-07-01"
    assert max(latest) > "2026-06-28"


def test_work_booked_at_the_standard_is_there_and_counted(written: DemoSummary) -> None:
    booked = ask(
        Path(written.database),
        "SELECT COUNT(*) FROM BI_WORK_ORDER_RESULTS "
        "WHERE ACT_SETUP_HOURS = PLAN_SETUP_MIN AND ACT_RUN_HOURS = PLAN_RUN_MIN",
    )[0][0]
    truth = json.loads(Path(written.truth_file).read_text(encoding="utf-8"))
    assert booked == pytest.approx(truth["backflushed_rows"], rel=0.05)
    assert 0.01 < booked / written.work_order_rows < 0.12


def test_the_policy_closes_old_routing_versions_and_opens_new_ones(written: DemoSummary) -> None:
    versions = "SELECT DISTINCT TRIM(ITEM_CODE) FROM BI_ROUTING_VIEW WHERE"
    closed = ask(written.database, f"{versions} VALID_TO = '2026-01-31'")
    opened = ask(written.database, f"{versions} VALID_FROM = '2026-01-31'")
    assert len(closed) > 20
    assert sorted(closed) == sorted(opened)


def test_a_plant_without_drift_says_so(tmp_path: Path) -> None:
    summary = write_demo_plant(tmp_path / "plant.db", DemoOptions(items=40, drift=DriftScenario.NONE))
    assert json.loads(Path(summary.truth_file).read_text(encoding="utf-8"))["drift"] == []


def test_a_plant_that_is_no_demo_is_never_overwritten(tmp_path: Path) -> None:
    database = tmp_path / "plant.db"
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("CREATE TABLE orders (code TEXT)")
        connection.commit()
    with pytest.raises(DatabaseUnavailableError, match="not a demo"):
        write_demo_plant(database, DemoOptions(items=20))
    write_demo_plant(database, DemoOptions(items=20), replace_other_plant=True)
    assert read_notes(database)["profile"] == "ksm"


def test_a_write_that_is_broken_off_leaves_the_old_plant_whole(tmp_path: Path) -> None:
    database = tmp_path / "plant.db"
    write_demo_plant(database, DemoOptions(items=20))
    before = content_hash(database)

    def give_up(share: float, _step: str) -> None:
        if share > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_demo_plant(database, DemoOptions(items=40), give_up)
    assert content_hash(database) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "plant.db",
        "plant.db.truth.db",
        "plant.db.truth.json",
    ]


@pytest.mark.parametrize(
    ("key", "make"),
    [
        ("items", lambda: DemoOptions(items=5)),
        ("items", lambda: DemoOptions(items=2_000_000)),
        ("seed", lambda: DemoOptions(seed=-1)),
        ("history_days", lambda: DemoOptions(history_days=3)),
    ],
)
def test_options_out_of_range_are_refused_by_name(key: str, make: Callable[[], DemoOptions]) -> None:
    with pytest.raises(SettingError, match=key):
        make()
