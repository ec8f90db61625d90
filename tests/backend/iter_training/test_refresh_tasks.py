"""Refreshing on a small demo plant: train, refresh, nothing new, live on, refresh again, roll back, refresh."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from backend.domain.jobs import JobKind
from backend.domain.models import VersionKind
from backend.domain.progress import no_progress
from backend.erp.demo import DemoOptions, advance_demo_plant, write_demo_plant
from backend.erp.reading import PlantReader
from backend.errors import NoModelError
from backend.iter_training.deployer import DEPLOY_ACTION
from backend.iter_training.evaluation.champion import ChampionInTime, load_champion
from backend.iter_training.evaluation.evaluator import Champion
from backend.iter_training.tasks import FINISHERS
from backend.ml.model import RoutingModel
from backend.registry.bundle import PART_FILES
from backend.registry.manifest import Manifest, VersionEntry
from backend.registry.store import ModelStore
from backend.settings import load_settings
from backend.state.audit import list_audit
from backend.state.database import open_state_engine, state_url
from backend.state.migrating import migrate_state
from backend.state.tables import decisions
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


def manifest_of(loop: Loop) -> Manifest:
    return ModelStore(loop.settings).manifest()


def active_of(loop: Loop) -> tuple[str, VersionEntry]:
    manifest = manifest_of(loop)
    assert manifest.active_version is not None
    assert manifest.active is not None
    return manifest.active_version, manifest.active


def test_without_a_model_there_is_nothing_to_refresh(loop: Loop) -> None:
    with pytest.raises(NoModelError):
        loop.work(JobKind.REFRESH, 1)


def test_a_refresh_becomes_a_version_that_names_its_parent_and_reaches_the_newest_work(loop: Loop) -> None:
    assert loop.run(JobKind.TRAINING, 2, sample_size=100)["promoted"]
    trained, before = active_of(loop)
    job, folder, result = loop.work(JobKind.REFRESH, 3)
    assert result["promoted"], result["reason"]
    assert "not worse than its parent" in result["reason"]
    assert result["metrics"]["mae"] > 0
    assert result["metrics"]["process_match"] is None, "lots are cut by the cutoff, and sequences stay"
    finished = FINISHERS["refresh"](loop.settings, job, folder, result)
    version, entry = active_of(loop)
    record = entry.record
    assert finished["version"] == version
    assert (record.kind, record.parent, record.trained_version) == (VersionKind.REFRESH, trained, trained)
    assert (before.record.kind, before.record.parent) == (VersionKind.TRAINING, None)
    assert record.data_cutoff is not None
    assert before.record.data_cutoff is not None
    assert record.data_cutoff - before.record.data_cutoff > timedelta(days=170)
    assert record.rows["work_orders"] == before.record.rows["work_orders"] + record.extra["learnt_rows"]
    assert record.extra["learnt_rows"] + sum(record.extra["left_out"].values()) == record.extra["new_rows"]
    assert record.metrics == before.record.metrics
    assert set(before.record.extra["fingerprints"]) == {"items", "routings", "work_orders"}
    assert set(record.extra["fingerprints"]) == {"new_work_orders"}
    for made in (before.record.extra, record.extra):
        assert made["config"]["training"]["holdout_days"] == 180
        assert made["code"][0].isdigit()
        assert made["gate"]["checks"]
    audited = list_audit(loop.engine, limit=1, actions=(DEPLOY_ACTION,))[0]
    assert (audited.subject, audited.details["kind"], audited.details["parent"]) == (version, "refresh", trained)
    with loop.engine.begin() as connection:
        assert connection.execute(select(decisions.c.promoted).where(decisions.c.job_id == "job_0003")).scalar_one()
    generation = manifest_of(loop).generation
    assert FINISHERS["refresh"](loop.settings, job, folder, result) == finished
    assert manifest_of(loop).generation == generation


def test_an_evaluation_judges_a_refreshed_version_as_it_was_before_the_work_that_its_refresh_saw(loop: Loop) -> None:
    version, entry = active_of(loop)
    cycle = loop.run(JobKind.EVALUATION, 14, sample_size=100, strategy="all")
    assert cycle["status"] == "ok", cycle["message"]
    assert cycle["model_version"] == version
    assert entry.record.data_cutoff is not None
    assert cycle["data_cutoff"] < entry.record.data_cutoff.isoformat()
    assert any(f"{version} is judged as it was on" in line for line in loop.lines)


def test_without_new_work_nothing_changes_and_the_result_says_so(loop: Loop) -> None:
    before = manifest_of(loop)
    finished = loop.run(JobKind.REFRESH, 4)
    assert (finished["skipped"], finished["promoted"]) == (True, False)
    assert "no work order was finished after" in finished["reason"]
    assert manifest_of(loop) == before


def test_too_little_work_to_check_on_waits_for_the_next_refresh(loop: Loop) -> None:
    before = manifest_of(loop)
    advance_demo_plant(loop.settings.plant_database_path, 5)
    finished = loop.run(JobKind.REFRESH, 5)
    assert finished["skipped"]
    assert "evaluation.min_operations" in finished["reason"]
    assert manifest_of(loop) == before


def test_refreshes_chain_and_the_same_parent_and_data_make_the_same_files(loop: Loop) -> None:
    parent, entry = active_of(loop)
    advance_demo_plant(loop.settings.plant_database_path, 100)
    _, first, again = loop.work(JobKind.REFRESH, 6)
    job, folder, result = loop.work(JobKind.REFRESH, 7)
    bundles = [where / told["bundle"] for where, told in ((first, again), (folder, result))]
    for name in PART_FILES:
        assert (bundles[0] / name).read_bytes() == (bundles[1] / name).read_bytes()
    finished = FINISHERS["refresh"](loop.settings, job, folder, result)
    assert finished["promoted"], finished["reason"]
    record = active_of(loop)[1].record
    assert (record.parent, record.trained_version) == (parent, entry.record.trained_version)


def test_a_refresh_after_a_rollback_starts_from_the_version_that_serves(loop: Loop) -> None:
    refreshed, entry = active_of(loop)
    ModelStore(loop.settings).rollback(actor="test", reason="as if it were bad")
    parent, restored = active_of(loop)
    finished = loop.run(JobKind.REFRESH, 8)
    assert finished["promoted"], finished["reason"]
    version, again = active_of(loop)
    assert version not in {refreshed, parent}
    assert again.record.parent == parent == entry.record.parent
    assert again.record.data_cutoff == entry.record.data_cutoff
    assert again.record.data_cutoff != restored.record.data_cutoff


def test_nothing_is_deployed_over_a_version_that_changed_while_it_was_refreshed(loop: Loop) -> None:
    advance_demo_plant(loop.settings.plant_database_path, 100)
    job, folder, result = loop.work(JobKind.REFRESH, 9)
    ModelStore(loop.settings).rollback(actor="test", reason="meanwhile")
    before = manifest_of(loop)
    finished = FINISHERS["refresh"](loop.settings, replace(job, job_id="job_0010"), folder, result)
    assert not finished["promoted"]
    assert "while this job ran" in finished["reason"]
    assert manifest_of(loop) == before


def test_a_champion_as_it_was_is_worked_out_once_a_moment_and_on_from_an_earlier_one(loop: Loop) -> None:
    assert loop.run(JobKind.REFRESH, 11)["promoted"]
    champion, plant = load_champion(loop.settings), PlantReader(loop.settings).read_plant(no_progress)
    assert champion is not None
    assert champion.data_cutoff is not None
    start = manifest_of(loop).versions[champion.trained_version].record.data_cutoff
    assert start is not None
    early, late = (start + (champion.data_cutoff - start) * part for part in (0.4, 0.8))
    history = ChampionInTime(loop.settings, champion, plant, loop.lines.append)
    then, later = history.at(early), history.at(late)
    alone = ChampionInTime(loop.settings, champion, plant, loop.lines.append).at(late)
    learnt = [finished_until(one) for one in (then, later, alone)]
    assert learnt[0] <= early < learnt[1] == learnt[2] <= late
    assert history.at(early) is then
    assert history.at(champion.data_cutoff) is champion
    assert history.at(start - timedelta(days=1)) is champion  # a training cannot be made younger


def finished_until(champion: Champion) -> datetime:
    assert isinstance(champion.model, RoutingModel)
    assert champion.model.data_cutoff is not None
    return champion.model.data_cutoff


def test_a_training_is_judged_against_the_champion_before_its_refreshes_and_is_not_lost_to_the_next_one(
    loop: Loop,
) -> None:
    champion, entry = active_of(loop)
    advance_demo_plant(loop.settings.plant_database_path, 100)
    job, folder, result = loop.work(JobKind.TRAINING, 12, sample_size=500, strategy="all")
    assert result["champion_version"] == champion
    assert result["compared_operations"] > 300
    assert any(f"{champion} is judged as it was on" in line for line in loop.lines)
    assert entry.record.data_cutoff is not None
    assert result["data_seen"]["judged_after"] < entry.record.data_cutoff.isoformat()
    assert loop.run(JobKind.REFRESH, 13)["promoted"]
    refreshed, entry = active_of(loop)
    assert entry.record.parent == champion
    finished = FINISHERS["training"](loop.settings, job, folder, result | {"promoted": True})
    assert finished["promoted"], finished["reason"]
    version, trained = active_of(loop)
    lineage = (trained.record.kind, trained.record.parent, trained.record.trained_version)
    assert version != refreshed
    assert lineage == (VersionKind.TRAINING, None, None)
