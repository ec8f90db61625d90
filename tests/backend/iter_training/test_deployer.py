from datetime import datetime
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from backend.domain.jobs import JobKind, JobRecord, JobStatus
from backend.domain.models import BundleParts, VersionRecord
from backend.errors import BundleError, NoPreviousVersionError, UnknownVersionError
from backend.iter_training import finishers
from backend.iter_training.deployer import ModelDeployer
from backend.registry.bundle import write_bundle
from backend.registry.canary import load_only_canary
from backend.registry.store import ModelStore
from backend.settings import Environment, Settings, load_settings
from backend.state.audit import AuditEntry, list_audit
from backend.state.database import open_state_engine, state_url

NOW = datetime(2026, 11, 23, 19, 45)  # noqa: DTZ001 - naive UTC is the product's word for time


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = load_settings(tmp_path)
    made.make_directories()
    return made


@pytest.fixture
def deployer(settings: Settings) -> ModelDeployer:
    return ModelDeployer(settings, actor="test", clock=lambda: NOW, canary=lambda _folder, _digests: None)


def bundle(settings: Settings, number: int, job_id: str | None = None) -> Path:
    folder = settings.root / f"attempt_{number}"
    parts = BundleParts({"number": number, "weights": np.arange(5.0)}, {"codes": np.array(["ITEM001"])}, {})
    record = VersionRecord(NOW, None, "nearest_neighbour", job_id, "ksm", 0, {}, {"mae": 4.2}, {})
    write_bundle(folder, parts, record)
    return folder


def audit_rows(settings: Settings) -> list[AuditEntry]:
    engine = open_state_engine(state_url(settings))
    try:
        return list_audit(engine)[::-1]
    finally:
        engine.dispose()


def test_a_version_changed_by_a_process_without_logging_is_told_in_the_application_log(
    settings: Settings, deployer: ModelDeployer
) -> None:
    first = deployer.deploy(bundle(settings, 1), "the first")["version"]
    second = deployer.deploy(bundle(settings, 2), "12 % better")["version"]
    deployer.rollback("it was worse")
    deployer.activate(second, "it was right after all")
    told = (settings.log_dir / "app.log").read_text(encoding="utf-8").splitlines()
    assert [line.split("[-] ")[1] for line in told if " INFO " in line] == [
        f"model.deploy {first} (generation 1) by test: the first",
        f"model.deploy {second} (generation 2) by test: 12 % better",
        f"model.rollback {first} (generation 3) by test: it was worse",
        f"model.activate {second} (generation 4) by test: it was right after all",
    ]


def test_deploying_activating_and_rolling_back_say_what_is_active_and_leave_audit_rows(
    settings: Settings, deployer: ModelDeployer
) -> None:
    first = deployer.deploy(bundle(settings, 1), "the first")
    second = deployer.deploy(bundle(settings, 2), "12 % better")
    assert second == {
        "version": "version_20261123T194500Z_g000002",
        "previous_version": first["version"],
        "generation": 2,
        "audited": True,
    }
    back = deployer.rollback()
    assert (back["version"], back["previous_version"], back["generation"]) == (first["version"], None, 3)
    again = deployer.activate(second["version"], "it was right after all")
    assert (again["version"], again["previous_version"], again["generation"]) == (
        second["version"],
        first["version"],
        4,
    )
    rows = audit_rows(settings)
    assert [(row.action, row.subject) for row in rows] == [
        ("model.deploy", first["version"]),
        ("model.deploy", second["version"]),
        ("model.rollback", first["version"]),
        ("model.activate", second["version"]),
    ]
    assert rows[1].details["reason"] == "12 % better"
    assert rows[1].details["metrics"] == {"mae": 4.2}
    assert {row.actor for row in rows} == {"test"}


def test_repeating_the_end_of_a_job_deploys_and_audits_once(settings: Settings, deployer: ModelDeployer) -> None:
    made = bundle(settings, 1, "job_1")
    first = deployer.deploy(made, "better")
    assert deployer.deploy(made, "better") == first
    assert len(audit_rows(settings)) == 1


def test_a_crash_between_deployment_and_audit_is_made_good_by_the_repetition(
    settings: Settings, deployer: ModelDeployer
) -> None:
    made = bundle(settings, 1, "job_1")
    store = ModelStore(settings, canary=lambda _folder, _digests: None)
    store.promote(made, actor="test", reason="better")
    deployer.deploy(made, "better")
    assert [row.action for row in audit_rows(settings)] == ["model.deploy"]


def test_repeating_a_job_that_was_rolled_back_since_does_not_bring_it_back(
    settings: Settings, deployer: ModelDeployer
) -> None:
    first = deployer.deploy(bundle(settings, 1, "job_1"), "the first")
    made = bundle(settings, 2, "job_2")
    second = deployer.deploy(made, "better")
    deployer.rollback()
    assert deployer.deploy(made, "better")["version"] == second["version"]
    assert ModelStore(settings).manifest().active_version == first["version"]


def test_what_cannot_be_done_raises_and_leaves_no_audit_row(settings: Settings, deployer: ModelDeployer) -> None:
    with pytest.raises(NoPreviousVersionError, match="no model is active"):
        deployer.rollback()
    deployer.deploy(bundle(settings, 1), "the first")
    with pytest.raises(NoPreviousVersionError, match="no version before"):
        deployer.rollback()
    with pytest.raises(UnknownVersionError):
        deployer.activate("version_20200101T000000Z_g000099", "no such")
    spoiled = bundle(settings, 2)
    (spoiled / "model.pkl").write_bytes(b"spoiled")
    with pytest.raises(BundleError):
        deployer.deploy(spoiled, "spoiled")
    assert len(audit_rows(settings)) == 1


@pytest.mark.parametrize("returns", [False, True])
def test_a_change_of_version_during_a_deployment_is_never_overwritten(
    settings: Settings, deployer: ModelDeployer, monkeypatch: pytest.MonkeyPatch, *, returns: bool
) -> None:
    first = deployer.deploy(bundle(settings, 1), "the first")["version"]
    second = deployer.deploy(bundle(settings, 2), "better")["version"]
    changes = [first, second] if returns else [first]

    def change_meanwhile(_folder: Path, _digests: object) -> None:
        while changes:
            deployer.activate(changes.pop(0), "an operator, while the trial load runs")

    monkeypatch.setattr(finishers, "ModelDeployer", partial(ModelDeployer, clock=lambda: NOW, canary=change_meanwhile))
    made = bundle(settings, 3, "job_3")
    plant = {"read_at": NOW.isoformat(), "rows_read": {}, "quarantine": []}
    result = {"promoted": True, "reason": "promoted: better", "champion_version": second, "bundle": "."}
    result |= {"version": None, "plant": plant, "decided_at": NOW.isoformat() + "Z"}
    job = JobRecord("job_3", JobKind.TRAINING, JobStatus.RUNNING, 95, "", 1, 1, False, {}, None, None, NOW, NOW, None)

    finished = finishers.finish_training(settings, job, made, result)

    manifest = ModelStore(settings).manifest()
    assert finished["promoted"] is returns
    assert manifest.active_version == (finished["version"] if returns else first)
    assert (manifest.version_of_job("job_3") is not None) is returns
    assert len(list(settings.models_dir.glob("version_*"))) == len(manifest.versions)


def test_a_training_that_was_compared_with_no_champion_does_not_replace_one_that_came_meanwhile(
    settings: Settings, deployer: ModelDeployer
) -> None:
    first = deployer.deploy(bundle(settings, 1), "activated while the training ran")["version"]
    plant = {"read_at": NOW.isoformat(), "rows_read": {}, "quarantine": []}
    result = {"promoted": True, "reason": "promoted: first", "champion_version": None, "bundle": ".", "plant": plant}
    job = JobRecord("job_3", JobKind.TRAINING, JobStatus.RUNNING, 95, "", 1, 1, False, {}, None, None, NOW, NOW, None)
    finished = finishers.finish_training(
        settings, job, bundle(settings, 3, "job_3"), result | {"decided_at": NOW.isoformat() + "Z"}
    )
    assert finished["promoted"] is False
    assert ModelStore(settings).manifest().active_version == first


def test_a_state_database_that_is_down_does_not_stop_a_roll_back(settings: Settings, deployer: ModelDeployer) -> None:
    first = deployer.deploy(bundle(settings, 1), "the first")
    deployer.deploy(bundle(settings, 2), "better")
    environment = Environment(STATE_DATABASE_URL="postgresql+psycopg://nobody@127.0.0.1:9/none")
    away = ModelDeployer(settings.model_copy(update={"env": environment}), canary=load_only_canary)
    back = away.rollback()
    assert (back["version"], back["audited"]) == (first["version"], False)
