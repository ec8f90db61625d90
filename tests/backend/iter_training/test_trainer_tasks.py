"""The whole loop on a small demo plant: train, deploy, train again, evaluate, break, train."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from backend.domain.jobs import JobKind
from backend.domain.progress import no_progress
from backend.erp.demo import DemoOptions, write_demo_plant
from backend.errors import BundleError, InsufficientDataError, NoModelError, TooMuchBadDataError
from backend.iter_training import training_task
from backend.iter_training.evaluation.champion import load_champion
from backend.iter_training.sampler import sample_items
from backend.iter_training.tasks import FINISHERS
from backend.monitoring.cycle_items import read_items
from backend.monitoring.cycles import latest_cycle, list_cycles, read_quarantine
from backend.registry.bundle import PART_FILES
from backend.registry.store import ModelStore
from backend.settings import load_settings
from backend.state.database import open_state_engine, state_url
from backend.state.gate_decisions import read_decision
from backend.state.migrating import migrate_state
from backend.state.tables import alerts, cycles, decisions
from tests.backend.iter_training.task_loop import Loop

pytestmark = pytest.mark.slow
CONFIG = "training: {holdout_days: 180, families: [nearest_neighbour]}\n"


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loop]:
    root = tmp_path_factory.mktemp("plant")
    (root / "config").mkdir()
    (root / "config" / "iter_training.yaml").write_text(CONFIG, encoding="utf-8")
    settings = load_settings(root)
    settings.make_directories()
    migrate_state(settings)
    write_demo_plant(settings.plant_database_path, DemoOptions(items=100, seed=1), no_progress)
    engine = open_state_engine(state_url(settings))
    yield Loop(settings, engine)
    engine.dispose()


def changed(loop: Loop, **training: Any) -> Loop:
    """The same plant and store under other training settings."""
    section = loop.settings.config.training.model_copy(update=training)
    config = loop.settings.config.model_copy(update={"training": section})
    return Loop(loop.settings.model_copy(update={"config": config}), loop.engine)


def count(engine: Engine, table: Any) -> int:
    with engine.begin() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def test_sampling_reads_the_configured_plant(loop: Loop) -> None:
    for strategy in ("random", "stratified", "recent_bias"):
        items = sample_items(10, strategy=strategy, settings=loop.settings)
        assert len(items) == 10
        assert items == sample_items(10, strategy=strategy, settings=loop.settings)
    assert items != sample_items(10, strategy="recent_bias", seed=5, settings=loop.settings)
    everything = sample_items(1, strategy="all", settings=loop.settings)
    assert len(everything) == len(sample_items(10_000, settings=loop.settings)) >= 100


def test_evaluating_without_a_model_says_so(loop: Loop) -> None:
    with pytest.raises(NoModelError):
        loop.work(JobKind.EVALUATION, 1)


def test_the_first_model_is_judged_by_its_sanity_and_deployed_as_judged(loop: Loop) -> None:
    job, folder, result = loop.work(JobKind.TRAINING, 2, sample_size=100, strategy="stratified")
    assert result["promoted"], result["reason"]
    judged = {name: (folder / result["bundle"] / name).read_bytes() for name in PART_FILES}
    finished = FINISHERS["training"](loop.settings, job, folder, result)
    manifest = ModelStore(loop.settings).manifest()
    assert finished["version"] == manifest.active_version
    assert manifest.active is not None
    assert manifest.active.record.job_id == job.job_id
    assert manifest.active.record.metrics["mae"] == result["metrics"]["mae"]
    assert manifest.active.record.rows["work_orders"] > 0
    assert manifest.active.record.extra["plant_database"] == "data/plant.db"
    deployed = loop.settings.models_dir / finished["version"]
    assert {name: (deployed / name).read_bytes() for name in PART_FILES} == judged
    assert loop.shares == sorted(loop.shares)
    assert FINISHERS["training"](loop.settings, job, folder, result) == finished
    assert ModelStore(loop.settings).manifest().generation == manifest.generation
    assert count(loop.engine, decisions) == 1
    stored = read_decision(loop.engine, job.job_id)
    assert stored is not None
    low, high = stored["figures"]["intervals"]["mae"]
    assert low < result["metrics"]["mae"] < high
    assert {one["dimension"] for one in stored["figures"]["segments"]} >= {"operation", "work_centre"}
    assert "figures" not in finished, "a list of jobs would be long"
    assert read_quarantine(loop.engine)


def test_the_same_data_again_is_a_success_that_says_why_nothing_was_promoted(loop: Loop) -> None:
    before = ModelStore(loop.settings).manifest()
    finished = loop.run(JobKind.TRAINING, 3, sample_size=500, strategy="all")
    assert finished["promoted"] is False
    assert "not promoted" in finished["reason"]
    assert finished["champion_version"] == before.active_version
    assert finished["compared_operations"] > 0
    assert {check["name"] for check in finished["checks"]} >= {"improvement", "process_match", "segments"}
    stored = read_decision(loop.engine, "job_0003")
    assert stored is not None
    figures = stored["figures"]
    assert figures["champion_intervals"] == figures["intervals"], "the same model twice"
    assert all(one["champion"] == one["challenger"] for one in figures["segments"])
    assert ModelStore(loop.settings).manifest() == before


def test_nothing_is_deployed_over_a_champion_that_changed_meanwhile(loop: Loop) -> None:
    before = ModelStore(loop.settings).manifest()
    assert loop.last is not None
    job, folder, result = loop.last
    stale = result | {"promoted": True, "champion_version": "version_20200101T000000Z_g000001"}
    finished = FINISHERS["training"](loop.settings, replace(job, job_id="job_0004"), folder, stale)
    assert finished["promoted"] is False
    with loop.engine.begin() as connection:
        stored = connection.execute(select(decisions.c.promoted).where(decisions.c.job_id == "job_0004")).scalar_one()
    assert stored is False
    assert "start it again" in finished["reason"]
    assert ModelStore(loop.settings).manifest() == before


def test_an_evaluation_scores_unseen_work_and_leaves_cycle_reports_and_log(loop: Loop) -> None:
    job, folder, result = loop.work(JobKind.EVALUATION, 5, strategy="all", seed=3)
    finished = FINISHERS["evaluation"](loop.settings, job, folder, result)
    assert finished["cycle_id"] == "cycle_0005"
    assert finished["status"] == "ok", finished["message"]
    assert finished["sample_count"]["operations"] >= 50
    latest = latest_cycle(loop.engine)
    assert latest is not None
    assert latest["mae"] == finished["mae"]
    assert latest["window"]["start"] == latest["data_cutoff"]
    assert all((loop.settings.root / path).is_file() for path in finished["reports"])
    read = read_items(loop.settings.root / finished["reports"][-1])
    assert read is not None
    header, items = read
    assert header["judged_items"] == header["kept_items"] == finished["sample_count"]["items"]
    operations, error = (sum(one[name] for one in items) for name in ("operations", "absolute_error_minutes"))
    assert operations == finished["sample_count"]["operations"]
    assert error / operations == pytest.approx(finished["mae"], abs=1e-3), "the items make up the cycle's figure"
    before = (count(loop.engine, cycles), count(loop.engine, alerts))
    log = loop.settings.quality_log_file.read_text(encoding="utf-8")
    assert "cycle_started cycle_id=cycle_0005" in log
    assert "cycle_finished cycle_id=cycle_0005 status=ok" in log
    assert FINISHERS["evaluation"](loop.settings, job, folder, result) == finished
    assert (count(loop.engine, cycles), count(loop.engine, alerts)) == before
    assert loop.settings.quality_log_file.read_text(encoding="utf-8") == log


def test_an_evaluation_says_what_has_changed_and_since_when(loop: Loop) -> None:
    """Everything takes 60 % longer from 22 days before the newest lot on."""
    database = loop.settings.plant_database_path
    kept = database.read_bytes()
    with closing(sqlite3.connect(database)) as connection, connection:
        (newest,) = connection.execute("SELECT max(FINISH_DATE) FROM BI_WORK_ORDER_RESULTS").fetchone()
        first = date.fromisoformat(newest[:10]) - timedelta(days=22)
        connection.execute(
            "UPDATE BI_WORK_ORDER_RESULTS SET ACT_SETUP_HOURS = ACT_SETUP_HOURS * 1.6, "
            "ACT_RUN_HOURS = ACT_RUN_HOURS * 1.6 WHERE FINISH_DATE >= ?",
            [first.isoformat()],
        )
    cycle = loop.work(JobKind.EVALUATION, 13, strategy="all")[2]["cycle"]
    database.write_bytes(kept)
    (found,) = cycle["drift"]["errors"]
    assert found["sentence"].startswith("the whole plant takes ")
    assert 40 < found["change_pct"] < 80
    assert abs(date.fromisoformat(found["since"]) - first) <= timedelta(days=3)
    assert f"drift: {found['sentence']}" in loop.lines
    assert cycle["alerts"]
    assert all(found["sentence"] in alert["message"] for alert in cycle["alerts"])


def test_a_backtest_is_labelled(loop: Loop) -> None:
    finished = loop.run(JobKind.EVALUATION, 6, strategy="all", backtest=True)
    assert finished["status"] == "backtest"
    assert "BACKTEST" in finished["message"]
    assert len(list_cycles(loop.engine)) == 2


def test_training_refuses_a_plant_with_too_many_bad_rows_and_says_what_is_wrong_with_them(loop: Loop) -> None:
    other = changed(loop, max_bad_row_share=0.0001)
    with pytest.raises(TooMuchBadDataError, match=r"cannot be trusted.*: \d+ [a-z]+ [a-z]"):
        other.work(JobKind.TRAINING, 7)


def test_training_refuses_when_the_holdout_leaves_nothing_to_learn_from(loop: Loop) -> None:
    other = changed(loop, holdout_days=3000.0)
    with pytest.raises(InsufficientDataError, match="finished by"):
        other.work(JobKind.TRAINING, 8)


def test_a_champion_of_another_plant_is_not_evaluated_and_does_not_bar_its_successor(loop: Loop) -> None:
    champion = ModelStore(loop.settings).manifest().active_version
    database = loop.settings.plant_database_path
    kept = database.read_bytes()
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE BI_ITEM_INFO_VIEW SET ITEM_CD = 'X-' || ITEM_CD")
        connection.execute("UPDATE BI_ROUTING_VIEW SET ITEM_CODE = 'X-' || ITEM_CODE")
        connection.execute("UPDATE BI_WORK_ORDER_RESULTS SET ITEM_CODE = 'X-' || ITEM_CODE")
    with pytest.raises(BundleError, match="another plant"):
        loop.work(JobKind.EVALUATION, 10)
    finished = loop.run(JobKind.TRAINING, 11, sample_size=100)
    database.write_bytes(kept)
    assert finished["promoted"], finished["reason"]
    assert finished["champion_version"] == champion
    assert any("another plant" in line for line in loop.lines)
    ModelStore(loop.settings).rollback(actor="test", reason="the plant is the old one again")


def test_a_champion_from_a_database_elsewhere_does_not_bar_the_embedded_plant_s_model(
    loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    champion = load_champion(loop.settings)
    assert champion is not None
    assert champion.plant_database == "data/plant.db"
    elsewhere = replace(champion, plant_database="mssql+mssqlpython://K3-DB/KsmErp")
    monkeypatch.setattr(training_task, "load_champion", lambda _settings: elsewhere)
    finished = loop.run(JobKind.TRAINING, 12, sample_size=100)
    assert finished["promoted"], finished["reason"]
    assert any(f"{champion.version} was made for another plant" in line for line in loop.lines)
    ModelStore(loop.settings).rollback(actor="test", reason="the champion is the old one again")


def test_a_damaged_champion_does_not_stand_in_the_way_of_its_successor(loop: Loop) -> None:
    manifest = ModelStore(loop.settings).manifest()
    for folder in (loop.settings.models_dir / str(manifest.active_version), loop.settings.default_model_dir):
        (folder / "model.pkl").write_bytes(b"damaged")
    both = changed(loop, families=("nearest_neighbour", "boosted_trees"))
    finished = both.run(JobKind.TRAINING, 9, sample_size=100)
    assert finished["promoted"], finished["reason"]
    assert finished["version"] != manifest.active_version
    seen = finished["data_seen"]
    assert set(seen["selection_losses"]) == {"nearest_neighbour", "boosted_trees"}
    assert seen["learnt_from"] < seen["learnt_until"] < seen["judged_until"]
    assert any("judged as if there were none" in line for line in both.lines)
