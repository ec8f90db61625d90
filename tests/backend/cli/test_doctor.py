"""The doctor finds what is wrong and says what to do about it."""

import json
import shutil
import socket
import subprocess
from collections import namedtuple
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from backend.cli.doctor import installation, machine
from backend.cli.doctor.examination import examine
from backend.cli.doctor.finding import Finding, Verdict, any_needs_attention
from backend.cli.doctor.loop import check_loop
from backend.cli.exit_codes import ExitCode
from backend.cli.ports import port_is_free
from backend.domain.access import Role
from backend.domain.clock import utc_now
from backend.domain.jobs import JobKind, JobStatus
from backend.domain.plant import QuarantineCount
from backend.domain.quality import UNKNOWN_LIMITS, CycleReport, CycleStatus, QualityMetrics
from backend.domain.sampling import Sampling, SamplingStrategy
from backend.domain.trigger import Alarm, TriggerAction, TriggerDecision
from backend.erp.embedded import replacing_plant, write_notes
from backend.iter_training.jobs.job_store import JobStore
from backend.monitoring.cycles import store_cycle, store_quarantine
from backend.registry.store import ModelStore
from backend.settings import CONFIG_FILE, Settings
from backend.state.database import open_state_engine, state_url
from backend.state.promotion_hold import PromotionHold, set_hold
from backend.state.trigger_requests import settle
from backend.state.users import add_user

DiskUsage = namedtuple("DiskUsage", "total used free")
RoutingMl = Callable[..., subprocess.CompletedProcess[str]]
EMPTY_CYCLE = CycleReport(
    cycle_id="cycle_1",
    created_at=datetime(2026, 3, 1),  # noqa: DTZ001 - naive UTC, as everywhere inside
    status=CycleStatus.OK,
    message="",
    model_version="version_1",
    data_cutoff=None,
    window_start=None,
    window_end=None,
    sampling=Sampling(500, SamplingStrategy.RANDOM, 0),
    metrics=QualityMetrics(*(None,) * 13, 0, 0),
    limits=UNKNOWN_LIMITS,
    segments=(),
    alerts=(),
    excluded={},
    quarantine=(),
)


def by_check(findings: list[Finding]) -> dict[str, Finding]:
    return {finding.check: finding for finding in findings}


def test_everything_that_needs_attention_comes_with_a_remedy(settings: Settings) -> None:
    findings = examine(settings.root)

    assert {finding.check for finding in findings} >= {"python", "node", "disk", "memory", "configuration", "model"}
    assert [finding for finding in findings if finding.needs_attention and not finding.remedy] == []


def test_who_is_served_is_said_before_anybody_asks_why_not(settings: Settings) -> None:
    engine = open_state_engine(state_url(settings))

    assert (
        "all others get 403 until 'routing-ml users add NAME --role admin'"
        in by_check(examine(settings.root))["access"].detail
    )
    add_user(engine, "lee", "a hash", Role.PLANNER, utc_now(), actor="test")
    assert installation.check_access(engine).verdict is Verdict.WARNING
    add_user(engine, "kim", "a hash", Role.ADMIN, utc_now(), actor="test")
    assert installation.check_access(engine).verdict is Verdict.OK
    engine.dispose()


def test_a_refused_configuration_is_a_finding_not_a_crash(root: Path) -> None:
    (root / CONFIG_FILE).parent.mkdir()
    (root / CONFIG_FILE).write_text("queue: {max_size: 0}", encoding="utf-8")

    finding = by_check(examine(root))["configuration"]

    assert finding.verdict is Verdict.FAULT
    assert "queue.max_size" in finding.detail


def test_a_missing_model_and_an_altered_one_are_found(settings: Settings, promote: Callable[[int], str]) -> None:
    assert by_check(examine(settings.root))["model"].remedy == "routing-ml train"

    altered = settings.models_dir / promote(1) / "model.pkl"
    altered.write_bytes(b"altered")

    assert by_check(examine(settings.root))["model files"].verdict is Verdict.FAULT


def test_a_manifest_that_is_gone_is_no_reason_to_say_that_no_model_was_made(
    settings: Settings, promote: Callable[[int], str]
) -> None:
    version = promote(1)
    (settings.models_dir / "manifest.json").unlink()

    found = by_check(examine(settings.root))["model"]

    assert (found.verdict, version in found.detail) == (Verdict.FAULT, True)
    assert "routing-ml backup restore" in found.remedy


def test_a_loop_that_waits_for_a_person_is_found(settings: Settings) -> None:
    engine = open_state_engine(state_url(settings))
    alarm = Alarm(utc_now(), ())
    decision = TriggerDecision(TriggerAction.RETRAIN, "CNC-04 is slow", "version_1", alarm=alarm)
    assert not list(check_loop(engine))
    store_cycle(engine, replace(EMPTY_CYCLE, trigger=replace(decision, action=TriggerAction.NONE, alarm=None)))
    assert [one.verdict for one in check_loop(engine)] == [Verdict.OK]

    asked = replace(EMPTY_CYCLE, cycle_id="cycle_2", created_at=utc_now(), trigger=decision)
    store_cycle(engine, asked)
    assert [one.verdict for one in check_loop(engine)] == [Verdict.NOTE]
    set_hold(engine, PromotionHold(utc_now(), "version_1", "worse times"))
    with engine.begin() as connection:
        settle(connection, asked.cycle_id, "automatic promotion is held")
    held, passed_over = check_loop(engine)
    engine.dispose()

    assert (held.verdict, held.remedy.endswith("'routing-ml models release'.")) == (Verdict.WARNING, True)
    assert "worse times" in held.detail
    assert passed_over.verdict is Verdict.WARNING
    assert "The training was not started: automatic promotion is held" in passed_over.detail


def test_a_training_that_failed_last_is_found_with_its_cause_and_the_command(settings: Settings) -> None:
    engine = open_state_engine(state_url(settings))
    store = JobStore(engine, utc_now)
    limits = settings.config.queue
    job = store.admit(JobKind.TRAINING, {}, automatic=True, limits=limits, enqueue=lambda _connection, _job: None)
    store.conclude(job.job_id, JobStatus.FAILED, error="its process was killed by signal 9")
    engine.dispose()

    finding = by_check(examine(settings.root))["last training"]

    assert finding.verdict is Verdict.WARNING
    assert finding.detail == f"the last training, {job.job_id}, failed: its process was killed by signal 9"
    assert "routing-ml train." in finding.remedy


@contextmanager
def full_disk() -> Iterator[None]:
    """Let this process make files, but write nothing to them, as on a disk without room."""
    resource = pytest.importorskip("resource", reason="only POSIX can limit what a process writes")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_folders_that_take_no_bytes_are_found_though_files_can_be_made(settings: Settings) -> None:
    engine = open_state_engine(state_url(settings))
    with engine.connect(), full_disk():  # as beside a running server, whose files of the database are there
        findings = (installation.check_state(settings, engine), installation.check_logs(settings))
    engine.dispose()

    assert [finding.verdict for finding in findings] == [Verdict.FAULT, Verdict.FAULT]
    assert all("cannot be written to" in finding.detail and finding.remedy for finding in findings)


def test_a_state_database_that_cannot_be_opened_for_want_of_room_is_not_called_damaged(settings: Settings) -> None:
    with full_disk():
        finding = by_check(examine(settings.root))["state database"]

    assert "cannot be written to" in finding.detail
    assert "restore" not in finding.remedy


def test_a_full_disk_is_a_fault_and_one_that_fills_up_a_warning(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def check(free_bytes: int) -> Finding:
        monkeypatch.setattr(shutil, "disk_usage", lambda _path: DiskUsage(10**12, 10**12 - free_bytes, free_bytes))
        return machine.check_disk(root)

    assert check(100_000_000).verdict is Verdict.FAULT
    assert "cannot be stored" in check(100_000_000).detail
    assert check(5 * 10**9).verdict is Verdict.WARNING
    assert check(50 * 10**9).verdict is Verdict.OK


def test_a_model_whose_schema_this_release_cannot_read_is_found(
    settings: Settings, promote: Callable[..., str]
) -> None:
    version = promote(1, schema=1)

    finding = by_check(examine(settings.root))["model's schema"]

    assert (finding.verdict, finding.remedy) == (Verdict.FAULT, "Train again with 'routing-ml train'")
    assert f"{version}: its schema is 1" in finding.detail


def test_an_embedded_plant_that_holds_nothing_is_found(settings: Settings) -> None:
    settings.plant_database_path.touch()

    finding = by_check(examine(settings.root))["plant database"]

    assert finding.verdict is Verdict.FAULT
    assert "routing-ml demo" in finding.remedy


@pytest.mark.parametrize(
    ("key", "value", "check"),
    [
        ("DATABASE_URL", "nonsense", "plant database"),
        ("DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none", "plant database"),
        ("STATE_DATABASE_URL", "nonsense", "state database"),
    ],
)
def test_a_database_url_that_cannot_be_used_is_a_finding(root: Path, key: str, value: str, check: str) -> None:
    (root / ".env").write_text(f"{key}={value}\n", encoding="utf-8")

    finding = by_check(examine(root))[check]

    assert finding.verdict is Verdict.FAULT
    assert "routing-ml demo" not in finding.remedy


def test_a_model_made_for_another_plant_is_found(settings: Settings, promote: Callable[[int], str]) -> None:
    promote(1)
    with replacing_plant(settings.plant_database_path) as connection:
        write_notes(connection, {"profile": "adventureworks"})

    finding = by_check(examine(settings.root))["model's plant"]

    assert finding.verdict is Verdict.WARNING
    assert "'adventureworks'" in finding.detail
    assert "routing-ml train" in finding.remedy


def test_the_doctor_repairs_what_there_is_no_doubt_about_and_says_so(
    settings: Settings, promote: Callable[[int], str]
) -> None:
    version = promote(1)
    shutil.rmtree(settings.models_dir / version)
    assert ModelStore(settings).verify()[0].remedy == "Run 'routing-ml doctor'"

    findings = by_check(examine(settings.root))

    assert findings["model files"].verdict is Verdict.NOTE
    assert f"adopted {settings.default_model_dir} as {version}" in findings["model files"].detail
    assert ModelStore(settings).verify() == []


def test_quarantine_counts_are_listed_by_reason(settings: Settings) -> None:
    engine = open_state_engine(state_url(settings))
    counts = [QuarantineCount("work_orders", "negative minutes", 7)]
    store_quarantine(engine, counts, {"work_orders": 100}, utc_now())

    finding = next(iter(installation.check_quarantine(engine)))
    engine.dispose()

    assert finding.check == "quarantine work_orders"
    assert finding.detail == "7 of 100 rows (7.0%): negative minutes"


def test_a_state_database_without_tables_is_found(root: Path, settings: Settings) -> None:
    (settings.data_dir / "state.db").unlink()
    (settings.data_dir / "state.db").touch()

    finding = by_check(examine(root))["state database"]

    assert finding.verdict is Verdict.FAULT
    assert "migrate_database.py" in finding.remedy


def test_looking_changes_nothing(root: Path) -> None:
    examine(root)

    assert not (root / "data" / "state.db").exists()


def test_a_taken_port_is_found(root: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("0.0.0.0", 0))  # noqa: S104 - the doctor asks for this address
        listener.listen()
        port = listener.getsockname()[1]

        finding = next(iter(machine.check_ports(root, port)))
        assert not port_is_free(port)

    assert finding.verdict is Verdict.WARNING
    assert port_is_free(port)


def test_missing_node_is_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    assert machine.check_node().verdict is Verdict.NOTE


def test_the_command_prints_json_and_exits_by_what_it_found(routing_ml: RoutingMl, settings: Settings) -> None:
    del settings
    ran = routing_ml("doctor", "--json")
    printed = json.loads(ran.stdout)

    assert printed["healthy"] is False
    assert ran.returncode == ExitCode.ATTENTION
    assert {"check", "verdict", "detail", "remedy"} == set(printed["findings"][0])


def test_notes_alone_are_healthy() -> None:
    assert not any_needs_attention([Finding("a", Verdict.OK, ""), Finding("b", Verdict.NOTE, "")])
    assert any_needs_attention([Finding("a", Verdict.WARNING, "", "do")])
