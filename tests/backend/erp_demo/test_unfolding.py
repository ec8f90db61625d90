import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from backend.erp.demo import DemoOptions, DriftScenario
from backend.erp.demo.drift import machine_steps
from backend.erp.demo.foreknowledge import foretell
from backend.erp.demo.options import MachineStep
from backend.erp.demo.plant_file import ITEMS, ROUTINGS, WORK_ORDERS
from backend.erp.demo.truth import read_readable_truth
from backend.erp.demo.unfolding import restore_bookings, spoil_bookings, today_of, unfold, write_unfolding_plant

TODAY = date(2026, 6, 30)
DAYS = 40
STEP = MachineStep(TODAY + timedelta(days=20), (), 1.0, 0.5, "everything takes longer")
OPTIONS = DemoOptions(items=300, seed=3, drift=DriftScenario.NONE, steps=(STEP,), today=TODAY, history_days=120)
QUANTITY, RUN = 8, 10
"""Columns of a work order, after the row number."""
TABLES = (ITEMS, ROUTINGS, WORK_ORDERS)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("plant")
    (folder / "future").mkdir()
    paths = folder / "plant.db", folder / "future" / "plant.db"
    write_unfolding_plant(*paths, OPTIONS, DAYS)
    return paths


@pytest.fixture
def plant(made: tuple[Path, Path], tmp_path: Path) -> tuple[Path, Path]:
    return Path(shutil.copy(made[0], tmp_path)), made[1]


def asked(path: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def rows(path: Path, table: str) -> list[tuple[Any, ...]]:
    return asked(path, f"SELECT rowid, * FROM {table} ORDER BY rowid")  # noqa: S608 - our own names


def days(count: int) -> Iterator[date]:
    return (TODAY + timedelta(days=number) for number in range(1, count + 1))


def test_when_all_days_are_over_the_plant_is_its_future(plant: tuple[Path, Path]) -> None:
    for day in days(DAYS):
        unfold(*plant, day)
    for table in TABLES:
        assert rows(plant[0], table) == rows(plant[1], table)


def test_days_one_by_one_make_the_same_plant_as_days_at_once(plant: tuple[Path, Path], tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    other.write_bytes(plant[0].read_bytes())
    for day in days(10):
        unfold(*plant, day)
    unfold(other, plant[1], TODAY + timedelta(days=10))
    for table in TABLES:
        assert rows(plant[0], table) == rows(other, table)
    assert today_of(other) == TODAY + timedelta(days=10)


def test_nothing_is_known_before_its_day(plant: tuple[Path, Path]) -> None:
    unfold(*plant, TODAY + timedelta(days=10))
    unfold(*plant, TODAY + timedelta(days=5))
    now = f"{TODAY + timedelta(days=11)}"
    finished = "SELECT MAX(RELEASE_DATE), MAX(FINISH_DATE) FROM BI_WORK_ORDER_RESULTS WHERE FINISH_DATE LIKE '2%'"
    released, newest = asked(plant[0], finished)[0]
    created = asked(plant[0], "SELECT MAX(CREATE_DATE) FROM BI_ITEM_INFO_VIEW WHERE CREATE_DATE LIKE '2%'")[0][0]
    assert max(released, newest, created) < now < f"{STEP.day}"
    assert newest > f"{TODAY + timedelta(days=8)}"
    still_open = "SELECT COUNT(*), COUNT(ACT_RUN_HOURS) FROM BI_WORK_ORDER_RESULTS WHERE FINISH_DATE IS NULL"
    count, timed = asked(plant[0], still_open)[0]
    assert count > 0
    assert timed == 0


def test_spoilt_bookings_are_of_a_piece_and_come_back(plant: tuple[Path, Path]) -> None:
    unfold(*plant, TODAY + timedelta(days=3))
    true = rows(plant[0], WORK_ORDERS)
    spoil_bookings(*plant)
    spoilt = rows(plant[0], WORK_ORDERS)
    spoil_bookings(*plant)
    assert rows(plant[0], WORK_ORDERS) == spoilt
    pieces = [(lot[QUANTITY], lot[RUN] / one[RUN]) for lot, one in zip(true, spoilt, strict=True) if lot[RUN]]
    assert len(pieces) > 0.8 * len(true)
    assert all(ratio == pytest.approx(max(quantity, 1)) for quantity, ratio in pieces)
    restore_bookings(*plant)
    assert rows(plant[0], WORK_ORDERS) == true


def test_the_best_possible_predictor_knows_all_but_the_noise(plant: tuple[Path, Path]) -> None:
    best = foretell(plant[1])
    assert best.height == best.unique(["work_order_code", "sequence"]).height
    measured = (
        "SELECT WORK_ORDER_NO, OP_SEQ, CAST(ACT_SETUP_HOURS + ACT_RUN_HOURS AS REAL) FROM BI_WORK_ORDER_RESULTS "
        "WHERE ACT_RUN_HOURS BETWEEN 0 AND 99999 AND ACT_SETUP_HOURS BETWEEN 0 AND 99999 "
        "AND abs(ACT_RUN_HOURS - ifnull(PLAN_RUN_MIN, -1)) > 0.001"
    )
    columns = ["work_order_code", "sequence", "minutes"]
    booked = pl.DataFrame(asked(plant[1], measured), schema=columns, orient="row").unique(columns[:2])
    joined = booked.join(best, on=["work_order_code", "sequence"])
    assert joined.height == booked.height
    error = (joined["minutes"] - joined["best_minutes"]).abs().mean()
    state = read_readable_truth(plant[1])
    floors = [state.noise_floor, *(advance.noise_floor for advance in state.advances)]
    assert isinstance(error, float)
    bounds = [floor["realised_mae_minutes_known_item"] for floor in floors]
    assert 0.95 * min(bounds) < error < 1.05 * max(bounds)


def test_options_without_steps_of_their_own_are_named_as_they_always_were() -> None:
    assert "steps" not in DemoOptions().to_json()
    assert DemoOptions.from_json(OPTIONS.to_json()) == OPTIONS
    assert machine_steps(OPTIONS) == (STEP,)
    assert machine_steps(replace(OPTIONS, drift=DriftScenario.STEP))[-1] == STEP
    assert len(machine_steps(DemoOptions())) == 3
