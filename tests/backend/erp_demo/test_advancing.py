"""A demo plant lives on."""

import shutil
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from backend.erp.demo import DemoOptions, advance_demo_plant, write_demo_plant
from backend.erp.embedded import read_notes
from backend.errors import DatabaseUnavailableError, SettingError

RESULTS = "SELECT * FROM BI_WORK_ORDER_RESULTS ORDER BY rowid"


def ask(database: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def young(tmp_path_factory: pytest.TempPathFactory) -> Path:
    database = tmp_path_factory.mktemp("young") / "plant.db"
    write_demo_plant(database, DemoOptions(items=600, seed=2))
    return database


@pytest.fixture
def database(young: Path, tmp_path: Path) -> Path:
    for file in young.parent.iterdir():
        shutil.copy(file, tmp_path / file.name)
    return tmp_path / young.name


def test_what_was_open_gets_finished_and_the_past_does_not_change(database: Path) -> None:
    before = ask(database, RESULTS)
    summary = advance_demo_plant(database, 30)
    after = ask(database, RESULTS)
    finish = 11
    open_before = [number for number, row in enumerate(before) if row[finish] is None]
    assert open_before
    still_open = [number for number in open_before if after[number][finish] is None]
    assert len(still_open) < len(open_before) / 3
    closed = [row for row in before if row[finish] is not None]
    assert closed == [row for number, row in enumerate(after[: len(before)]) if before[number][finish] is not None]
    assert len(after) == len(before) + summary.added_work_order_rows == summary.work_order_rows
    assert sum(row[finish] is None for row in after) == summary.open_work_order_rows


def test_new_work_is_dated_after_the_old_today_and_new_items_appear(database: Path) -> None:
    items = len(ask(database, "SELECT ITEM_CD FROM BI_ITEM_INFO_VIEW"))
    rows = len(ask(database, RESULTS))
    summary = advance_demo_plant(database, 30)
    assert summary.today == date(2026, 7, 30)
    assert read_notes(database)["today"] == "2026-07-30"
    fresh = ask(database, f"SELECT RELEASE_DATE FROM BI_WORK_ORDER_RESULTS WHERE rowid > {rows}")  # noqa: S608
    assert fresh
    assert min(fresh)[0] >= "2026-06-29"  # a weekend's order goes back to the Friday before
    assert max(fresh)[0] < "2026-07-31"
    assert len(ask(database, "SELECT ITEM_CD FROM BI_ITEM_INFO_VIEW")) > items
    assert (
        ask(database, "SELECT MAX(CREATE_DATE) FROM BI_ITEM_INFO_VIEW WHERE CREATE_DATE LIKE '20%'")[0][0] > "2026-07"
    )


def test_the_same_plant_always_goes_the_same_way(database: Path, tmp_path: Path) -> None:
    twin = tmp_path / "twin" / database.name
    twin.parent.mkdir()
    for file in list(tmp_path.glob("plant.db*")):
        shutil.copy(file, twin.parent / file.name)
    for each in (database, twin):
        advance_demo_plant(each, 10)
        advance_demo_plant(each, 5)
    assert ask(database, RESULTS) == ask(twin, RESULTS)


def test_work_order_numbers_stay_unique_over_advances(database: Path) -> None:
    for days in (3, 4, 3):
        advance_demo_plant(database, days)
    twice = ask(
        database,
        "SELECT WORK_ORDER_NO, OP_SEQ FROM BI_WORK_ORDER_RESULTS GROUP BY WORK_ORDER_NO, OP_SEQ "
        "HAVING COUNT(DISTINCT RELEASE_DATE || PLAN_RUN_MIN || OP_NAME) > 1",
    )
    assert twice == []


def test_an_advance_that_is_broken_off_changes_nothing(database: Path) -> None:
    before = ask(database, RESULTS)

    def give_up(share: float, _step: str) -> None:
        if share >= 0.9:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        advance_demo_plant(database, 30, give_up)
    assert ask(database, RESULTS) == before
    assert advance_demo_plant(database, 30).today == date(2026, 7, 30)


def test_a_plant_without_its_truth_cannot_live_on(database: Path) -> None:
    database.with_name("plant.db.truth.db").unlink()
    with pytest.raises(DatabaseUnavailableError, match=r"truth\.db is not beside it"):
        advance_demo_plant(database, 1)


def test_only_demo_plants_live_on(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailableError, match="no demo plant"):
        advance_demo_plant(tmp_path / "absent.db", 1)
    assert not (tmp_path / "absent.db").exists()


def test_days_out_of_range_are_refused(database: Path) -> None:
    with pytest.raises(SettingError, match="advance"):
        advance_demo_plant(database, 0)
