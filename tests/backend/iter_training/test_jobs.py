"""Jobs as their users see them, run for real: DBOS, SQLite, child processes."""

import json
import os
import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.jobs import JobKind, JobRecord, JobStatus
from backend.errors import FeatureDisabledError, IllegalJobMoveError, QueueFullError, UnknownJobError
from backend.iter_training.jobs.job_engine import JobEngine
from backend.iter_training.jobs.job_files import job_as_dict
from backend.settings import load_settings

TOYS = str(Path(__file__).parent)
CONFIG = "training: {max_attempts: 3, retry_backoff_seconds: 0.05}\nqueue: {max_size: 3}\n"
DEADLINE_SECONDS = 30.0


@pytest.fixture(scope="module", autouse=True)
def _toys_can_be_imported() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(TOYS)
        patch.setenv("PYTHONPATH", TOYS, prepend=os.pathsep)
        yield


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _installation(tmp_path_factory.mktemp("installation"))


@pytest.fixture(scope="module")
def engine(root: Path) -> Iterator[JobEngine]:
    engine = _engine(root)
    engine.open()
    yield engine
    engine.close()


def _installation(root: Path) -> Path:
    (root / "config").mkdir(parents=True)
    (root / "config/iter_training.yaml").write_text(CONFIG, encoding="utf-8")
    return root


def _engine(root: Path) -> JobEngine:
    return JobEngine(load_settings(root), tasks_module="job_toys")


def _until(condition: Callable[[], Any]) -> Any:
    end = time.monotonic() + DEADLINE_SECONDS
    while not (value := condition()):
        assert time.monotonic() < end, "the deadline has passed"
        time.sleep(0.02)
    return value


def _ended(engine: JobEngine, parameters: dict[str, Any], kind: JobKind = JobKind.TRAINING) -> JobRecord:
    return engine.wait(engine.start(kind, parameters).job_id)


def test_a_job_runs_to_success_and_its_state_file_tells_its_row(engine: JobEngine, root: Path) -> None:
    seen: list[JobRecord] = []
    started = engine.start(JobKind.TRAINING, {"seconds": 0.5})
    assert started.status is JobStatus.STARTED
    state_file = root / "data/training_jobs" / started.job_id / "state.json"
    assert json.loads(state_file.read_text(encoding="utf-8"))["status"] == "STARTED"

    job = engine.wait(started.job_id, seen.append)

    assert (job.status, job.progress, job.attempt) == (JobStatus.SUCCEEDED, 100, 1)
    assert job.result == {"deployed": job.job_id, "attempt": 1}
    assert [one.seq for one in seen] == sorted({one.seq for one in seen})
    _until(lambda: json.loads(state_file.read_text(encoding="utf-8")) == job_as_dict(job))
    _until(lambda: not (state_file.parent / "attempt_01/bundle").exists())
    assert any("attempt 1 runs" in line for line in engine.log_lines(job.job_id))
    assert engine.log_lines(job.job_id, after=1) == []


def test_evaluations_have_a_folder_and_a_queue_of_their_own(engine: JobEngine, root: Path) -> None:
    training = engine.start(JobKind.TRAINING, {"seconds": 60})
    evaluation = _ended(engine, {}, JobKind.EVALUATION)
    assert evaluation.status is JobStatus.SUCCEEDED
    assert (root / "data/evaluation_jobs" / evaluation.job_id / "state.json").exists()
    assert not engine.get(training.job_id).status.is_final
    engine.cancel(training.job_id)
    engine.wait(training.job_id)


def test_a_passing_failure_is_retried_in_a_new_folder(engine: JobEngine, root: Path) -> None:
    job = _ended(engine, {"do": "fail_at_first", "failures": 2})
    assert (job.status, job.attempt, job.failures, job.error) == (JobStatus.SUCCEEDED, 3, 2, None)
    folders = sorted(path.name for path in (root / "data/training_jobs" / job.job_id).glob("attempt_*"))
    assert folders == ["attempt_01", "attempt_02", "attempt_03"]
    assert sum("runs as" in line for line in engine.log_lines(job.job_id)) == 3


def test_a_process_that_is_killed_every_time_fails_the_job_with_the_reason(engine: JobEngine) -> None:
    job = _ended(engine, {"do": "crash"})
    assert (job.status, job.attempt, job.failures) == (JobStatus.FAILED, 3, 2)
    assert job.error is not None
    assert "signal 9" in job.error


def test_an_error_that_no_retry_can_help_fails_at_once_in_its_own_words(engine: JobEngine) -> None:
    job = _ended(engine, {"do": "lack_data"})
    assert (job.status, job.attempt) == (JobStatus.FAILED, 1)
    assert job.error == "work orders: 3 found, 200 needed. Wait for more."


def test_a_finish_that_fails_is_repeated_without_training_again(engine: JobEngine) -> None:
    job = _ended(engine, {"finisher_fails_once": True})
    assert (job.status, job.attempt, job.failures) == (JobStatus.SUCCEEDED, 1, 1)


def _log_of(root: Path, job: JobRecord) -> list[str]:
    """Return level and message of what the application log tells of a job."""
    lines = (root / "logs/performance/app.log").read_text(encoding="utf-8").splitlines()
    heads = (line.split(" ", 4) for line in lines if job.job_id in line)
    return [f"{level} {message}" for _moment, level, _logger, _request, message in heads]


def _end_in_log(root: Path, job: JobRecord) -> Any:
    """Wait for what the log tells of a job's end, a moment after its row does."""
    return _until(lambda: [line for line in _log_of(root, job) if " ended " in line])


def test_the_application_log_tells_who_asked_for_a_job_that_it_starts_and_how_it_ended(
    engine: JobEngine, root: Path
) -> None:
    job = engine.wait(engine.start(JobKind.TRAINING, {"refused": "12 % worse"}, asked_by="lee").job_id)
    name = f"training {job.job_id}"
    assert _end_in_log(root, job) == [f"INFO {name} ended SUCCEEDED: gate refused: 12 % worse"]
    assert _log_of(root, job)[:2] == [f"INFO {name} is asked for by lee", f"INFO {name} starts"]


def test_each_failed_try_is_a_warning_and_the_last_an_error_with_cause_and_remedy(
    engine: JobEngine, root: Path
) -> None:
    job = _ended(engine, {"do": "lose_database"})
    lines = _until(lambda: [line for line in _log_of(root, job) if "FAILED" in line] and _log_of(root, job))
    levels = [line.split(" ", 1)[0] for line in lines]
    assert levels == ["INFO", "INFO", "WARNING", "WARNING", "ERROR"]
    assert "failure 1 of 3: cannot use database K3-DB: it is down. Start it; it is tried again" in lines[2]
    assert "after 3 tries: cannot use database K3-DB: it is down. Start it. " in lines[4]
    assert lines[4].endswith(f"'routing-ml jobs log {job.job_id}' says more, 'routing-ml train' starts another")


def test_a_job_that_somebody_cancelled_is_no_error_in_the_log(engine: JobEngine, root: Path) -> None:
    first = engine.start(JobKind.TRAINING, {"seconds": 60})
    waiting = engine.start(JobKind.TRAINING, {})
    for job in (waiting, first):
        engine.cancel(job.job_id)
        engine.wait(job.job_id)
        assert _end_in_log(root, job) == [f"INFO training {job.job_id} ended CANCELLED: somebody cancelled it"]


def test_cancel_ends_the_process_and_what_it_started_even_if_they_resist(engine: JobEngine) -> None:
    job = engine.start(JobKind.TRAINING, {"do": "spawn_and_resist", "seconds": 60})
    lines = _until(lambda: [line for line in engine.log_lines(job.job_id) if "grandchild" in line])
    grandchild = psutil.Process(int(lines[0].split()[-1]))
    child = grandchild.parent()
    assert child is not None

    engine.cancel(job.job_id)
    psutil.wait_procs([child, grandchild], timeout=5)
    assert not [one for one in (child, grandchild) if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]

    assert engine.wait(job.job_id).status is JobStatus.CANCELLED


def test_a_waiting_job_is_cancelled_at_once_and_never_runs(engine: JobEngine) -> None:
    first = engine.start(JobKind.TRAINING, {"seconds": 0.3})
    second = engine.start(JobKind.TRAINING, {})
    assert engine.cancel(second.job_id).status is JobStatus.CANCELLED
    assert engine.cancel(second.job_id).status is JobStatus.CANCELLED
    assert engine.wait(first.job_id).status is JobStatus.SUCCEEDED
    assert engine.get(second.job_id).attempt == 0


def test_a_job_that_has_ended_cannot_be_cancelled(engine: JobEngine) -> None:
    job = _ended(engine, {})
    with pytest.raises(IllegalJobMoveError):
        engine.cancel(job.job_id)
    assert engine.get(job.job_id) == job


def test_a_job_that_stores_its_result_is_not_cancelled_any_more(engine: JobEngine) -> None:
    job = engine.start(JobKind.TRAINING, {"finish_seconds": 0.5})
    _until(lambda: engine.get(job.job_id).finishing)
    with pytest.raises(IllegalJobMoveError, match="storing"):
        engine.cancel(job.job_id)
    assert engine.wait(job.job_id).status is JobStatus.SUCCEEDED


def test_jobs_of_one_kind_run_one_after_the_other(engine: JobEngine) -> None:
    ids = [engine.start(JobKind.TRAINING, {"seconds": 0.1}).job_id for _ in range(3)]
    jobs = [engine.wait(job_id) for job_id in ids]
    for earlier, later in pairwise(jobs):
        assert earlier.finished_at is not None
        assert later.started_at is not None
        assert earlier.finished_at <= later.started_at


def test_a_full_queue_refuses_and_loses_nothing(engine: JobEngine) -> None:
    ids = [engine.start(JobKind.EVALUATION, {"seconds": 60}).job_id for _ in range(3)]
    with pytest.raises(QueueFullError) as refusal:
        engine.start(JobKind.EVALUATION, {})
    assert refusal.value.waiting == tuple(ids)
    assert {job.job_id for job in engine.list_jobs(JobKind.EVALUATION)} >= set(ids)
    for job_id in ids:
        engine.cancel(job_id)
        assert engine.wait(job_id).status is JobStatus.CANCELLED


@given(
    text=st.one_of(st.text(), st.sampled_from(["../state", "job_/../x", "job_\x00", "job_" + "a" * 65, "job_\ud800"]))
)
def test_any_text_that_is_no_job_is_an_unknown_job(engine: JobEngine, text: str) -> None:
    with pytest.raises(UnknownJobError):
        engine.get(text)


def test_switched_off_features_refuse_by_name(tmp_path: Path) -> None:
    root = _installation(tmp_path / "off")
    (root / ".env").write_text("ENABLE_TRAINING=false\nENABLE_QUALITY_MONITORING=false\n", encoding="utf-8")
    engine = JobEngine(load_settings(root), may_own=False)
    engine.open()
    with pytest.raises(FeatureDisabledError, match="ENABLE_TRAINING"):
        engine.start(JobKind.TRAINING, {})
    with pytest.raises(FeatureDisabledError, match="ENABLE_QUALITY_MONITORING"):
        engine.start(JobKind.EVALUATION, {})
    assert engine.list_jobs() == []
    engine.close()
