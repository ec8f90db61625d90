"""The watch on a small demo plant: a bad version is promoted, the plant lives on, the version before serves again."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from sqlalchemy import Engine

from backend.domain.jobs import JobKind
from backend.domain.plant import PlantData
from backend.domain.progress import no_progress
from backend.erp.demo import DemoOptions, advance_demo_plant, write_demo_plant
from backend.erp.reading import PlantReader
from backend.iter_training.tasks import FINISHERS
from backend.ml.model import FitOptions, fit_model
from backend.monitoring.cycles import list_alerts
from backend.registry.bundle import write_bundle
from backend.registry.manifest import Manifest
from backend.registry.store import ModelStore
from backend.settings import load_settings
from backend.state.audit import list_audit
from backend.state.database import open_state_engine, state_url
from backend.state.migrating import migrate_state
from backend.state.promotion_hold import clear_hold, read_hold, was_held
from tests.backend.iter_training.task_loop import Loop

pytestmark = pytest.mark.slow
CONFIG = "training: {holdout_days: 60, families: [nearest_neighbour]}\nwatch: {days: 120}\n"


@pytest.fixture(scope="module")
def loop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loop]:
    root = tmp_path_factory.mktemp("watched")
    (root / "config").mkdir()
    (root / "config" / "iter_training.yaml").write_text(CONFIG, encoding="utf-8")
    settings = load_settings(root)
    settings.make_directories()
    migrate_state(settings)
    write_demo_plant(settings.plant_database_path, DemoOptions(items=150, seed=2), no_progress)
    engine = open_state_engine(state_url(settings))
    yield Loop(settings, engine)
    engine.dispose()


def manifest_of(loop: Loop) -> Manifest:
    return ModelStore(loop.settings).manifest()


def promote(loop: Loop, plant: PlantData, folder: Path, champion: str, until: datetime) -> str:
    """Promote a model of a plant as if the gate had been deceived."""
    record = manifest_of(loop).versions[champion].record
    extra = record.extra | {"judged_until": until.isoformat() + "Z"}
    model = fit_model(plant, record.data_cutoff, FitOptions("nearest_neighbour"))
    write_bundle(folder, model.to_parts(), replace(record, job_id=None, extra=extra, replaced=champion))
    version = ModelStore(loop.settings).promote(folder, actor="test", reason="deceived").active_version
    assert version is not None
    return version


def evaluate(loop: Loop, number: int) -> dict[str, Any]:
    return loop.run(JobKind.EVALUATION, number, sample_size=500, strategy="all")


def newest_watch_line(loop: Loop) -> str:
    return [line for line in loop.lines if line.startswith("watch of")][-1]


@pytest.fixture(scope="module")
def first(loop: Loop) -> str:
    assert loop.run(JobKind.TRAINING, 1, sample_size=100)["promoted"]
    version = manifest_of(loop).active_version
    assert version is not None
    return version


def test_a_first_version_has_nothing_to_be_compared_with(loop: Loop, first: str) -> None:
    assert evaluate(loop, 2)["model_version"] == first
    assert not [line for line in loop.lines if line.startswith("watch of")]


def test_a_version_that_is_no_worse_stays(loop: Loop, first: str, tmp_path: Path) -> None:
    plant = PlantReader(loop.settings).read_plant()
    until = plant.work_orders["finished_at"].max()
    assert isinstance(until, datetime)
    same = promote(loop, plant, tmp_path / "same", first, until)
    advance_demo_plant(loop.settings.plant_database_path, 40)
    evaluate(loop, 3)
    assert "not worse than" in newest_watch_line(loop)
    assert manifest_of(loop).active_version == same
    assert read_hold(loop.engine) is None


def test_a_version_that_is_worse_is_rolled_back_and_automatic_promotion_held(
    loop: Loop, first: str, tmp_path: Path
) -> None:
    plant = PlantReader(loop.settings).read_plant()
    until = plant.work_orders["finished_at"].max()
    assert isinstance(until, datetime)
    slower = plant.work_orders.with_columns(pl.col("run_minutes") * 1.5)
    bad = promote(loop, replace(plant, work_orders=slower), tmp_path / "bad", first, until)
    advance_demo_plant(loop.settings.plant_database_path, 22)  # too few lots are through by then
    cycle = evaluate(loop, 4)
    assert manifest_of(loop).active_version == first
    hold = read_hold(loop.engine)
    assert hold is not None
    assert hold.version == bad
    assert "worse times than" in hold.reason
    assert [alert["metric"] for alert in cycle["alerts"]][-1] == "watch"
    newest = list_alerts(loop.engine, 1)[0]
    assert newest["severity"] == "critical"
    assert f"{first} serves again; automatic promotion is held. 'routing-ml models release'" in newest["message"]
    assert cycle["watch"]["outcome"] in newest["message"]
    log = loop.settings.quality_log_file.read_text(encoding="utf-8")
    assert f'outcome="{first} serves again' in log
    assert (_newest_audit(loop.engine).actor, _newest_audit(loop.engine).subject) == ("watch", first)


def _newest_audit(engine: Engine) -> Any:
    return list_audit(engine, limit=1)[0]


def test_finishing_the_evaluation_again_changes_nothing(loop: Loop) -> None:
    assert loop.last is not None
    before = manifest_of(loop)
    again = FINISHERS["evaluation"](loop.settings, *loop.last)
    assert manifest_of(loop) == before
    assert "serves again" in again["watch"]["outcome"], "a report written again after a kill says the same"


def test_while_it_is_held_only_a_person_promotes(loop: Loop) -> None:
    job, folder, result = loop.work(JobKind.TRAINING, 6, sample_size=100)
    before = manifest_of(loop)
    held = FINISHERS["training"](loop.settings, replace(job, automatic=True), folder, result | {"promoted": True})
    assert not held["promoted"]
    assert "routing-ml models release" in held["reason"]
    assert manifest_of(loop) == before
    hold = read_hold(loop.engine)
    assert hold is not None
    assert clear_hold(loop.engine, hold.held_at)
    assert not clear_hold(loop.engine, hold.held_at)
    later = replace(job, automatic=True, job_id="job_0007")
    assert FINISHERS["training"](loop.settings, later, folder, result | {"promoted": True})["promoted"]


def test_a_person_who_activates_the_version_again_has_the_last_word(loop: Loop, first: str) -> None:
    bad = next(name for name in manifest_of(loop).versions if was_held(loop.engine, name))
    ModelStore(loop.settings).activate(bad, actor="test", reason="wanted")
    evaluate(loop, 5)
    assert "worse times than" in newest_watch_line(loop)
    assert manifest_of(loop).active_version == bad
    assert first in manifest_of(loop).versions, "the version to go back to is kept while it may be needed"
