"""The job table's rules, on real SQLite and without an engine."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import URL, Connection, create_engine
from sqlalchemy.pool import StaticPool

from backend.config_keys import QueueSettings
from backend.domain.jobs import ALLOWED_MOVES, JobKind, JobRecord, JobStatus
from backend.errors import CooldownError, IllegalJobMoveError, QueueFullError, UnknownJobError
from backend.iter_training.jobs.job_files import JobFiles
from backend.iter_training.jobs.job_store import JOB_ID, AttemptLostError, JobStore
from backend.state.database import open_state_engine
from backend.state.tables import metadata

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC).replace(tzinfo=None)


class Hands:
    """A clock that the test moves."""

    now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Hands:
    return Hands()


@pytest.fixture
def store(tmp_path: Path, clock: Hands) -> Iterator[JobStore]:
    engine = open_state_engine(URL.create("sqlite", database=str(tmp_path / "state.db")))
    metadata.create_all(engine)
    yield JobStore(engine, clock)
    engine.dispose()


def _memory_store() -> JobStore:
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    metadata.create_all(engine)
    return JobStore(engine, Hands())


def _no_engine(_connection: Connection, _job: JobRecord) -> None:
    return


def _admit(store: JobStore, *, automatic: bool = False, **limits: Any) -> JobRecord:
    queue = QueueSettings(**limits)
    return store.admit(JobKind.TRAINING, {}, automatic=automatic, limits=queue, enqueue=_no_engine)


def test_ids_are_made_of_the_moment_and_chance(store: JobStore) -> None:
    first, second = _admit(store), _admit(store)
    assert first.job_id.startswith("job_20260101T120000_")
    assert JOB_ID.fullmatch(first.job_id)
    assert first.job_id != second.job_id


def test_an_engine_that_refuses_leaves_no_row(store: JobStore) -> None:
    def refuse(_connection: Connection, _job: JobRecord) -> None:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        store.admit(JobKind.TRAINING, {}, automatic=False, limits=QueueSettings(), enqueue=refuse)
    assert store.list_jobs() == []


def test_only_automatic_training_waits_for_the_cooldown(store: JobStore, clock: Hands) -> None:
    done = _admit(store, automatic=True, cooldown_hours=24)
    store.conclude(done.job_id, JobStatus.FAILED, error="no luck")
    clock.now = NOON + timedelta(hours=20)
    with pytest.raises(CooldownError) as refusal:
        _admit(store, automatic=True, cooldown_hours=24)
    assert refusal.value.remaining_hours == pytest.approx(4)
    manual = _admit(store, cooldown_hours=24)
    clock.now = NOON + timedelta(hours=25)
    store.conclude(manual.job_id, JobStatus.FAILED, error="no luck either")
    assert _admit(store, automatic=True, cooldown_hours=24).automatic


def test_a_failed_job_is_told_until_a_later_one_of_its_kind_ends_well(store: JobStore, clock: Hands) -> None:
    def end(status: JobStatus) -> JobRecord:
        clock.now += timedelta(hours=1)
        return store.conclude(store.begin_attempt(_admit(store).job_id, "me").job_id, status, error="killed")

    assert store.last_failures() == []
    failed = end(JobStatus.FAILED)
    end(JobStatus.CANCELLED)
    unfinished = _admit(store)
    assert store.last_failures() == [failed]
    end(JobStatus.SUCCEEDED)
    assert store.last_failures() == []
    store.begin_attempt(unfinished.job_id, "me")
    store.request_cancel(unfinished.job_id)
    store.conclude(unfinished.job_id, JobStatus.FAILED, error="it failed before it could be stopped")
    assert store.last_failures() == []


def test_waiting_and_running_jobs_of_the_kind_fill_the_queue(store: JobStore) -> None:
    running, waiting = _admit(store, max_size=2), _admit(store, max_size=2)
    store.begin_attempt(running.job_id, "me")
    with pytest.raises(QueueFullError):
        _admit(store, max_size=2)
    store.conclude(waiting.job_id, JobStatus.FAILED, error="x")
    _admit(store, max_size=2)


def test_an_attempt_that_is_not_current_cannot_write(store: JobStore) -> None:
    old = store.begin_attempt(_admit(store).job_id, "killed server")
    new = store.begin_attempt(old.job_id, "new server")
    ghosts: tuple[Callable[[], JobRecord], ...] = (
        lambda: store.report_progress(old, 50, "ghost"),
        lambda: store.schedule_retry(old, "ghost", 1),
        lambda: store.interrupt(old, "ghost"),
        lambda: store.conclude(old.job_id, JobStatus.SUCCEEDED, attempt=old, result={}),
    )
    for write in ghosts:
        with pytest.raises(AttemptLostError):
            write()
    assert store.get(old.job_id) == new


def test_cancel_wins_over_a_result_that_is_not_being_stored_yet(store: JobStore) -> None:
    job = store.begin_attempt(_admit(store).job_id, "me")
    assert store.request_cancel(job.job_id).cancel_requested
    assert store.begin_finish(job.job_id, "me", "storing").status is JobStatus.CANCELLED


OPERATIONS: dict[str, Callable[[JobStore, JobRecord], JobRecord]] = {
    "begin": lambda store, job: store.begin_attempt(job.job_id, "me"),
    "progress": lambda store, job: store.report_progress(job, 40, "fitting"),
    "retry": lambda store, job: store.schedule_retry(job, "bad luck", 1),
    "interrupt": lambda store, job: store.interrupt(job, "server ends"),
    "cancel": lambda store, job: store.request_cancel(job.job_id),
    "restart": lambda store, job: store.restart(job.job_id, "engine lost it", 3, _no_engine),
    "finish": lambda store, job: store.begin_finish(job.job_id, "me", "storing"),
    "succeed": lambda store, job: store.conclude(job.job_id, JobStatus.SUCCEEDED, attempt=job, result={}),
    "fail": lambda store, job: store.conclude(job.job_id, JobStatus.FAILED, attempt=job, error="bad luck"),
}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(sorted(OPERATIONS)), max_size=12))
def test_whatever_is_done_to_a_job_its_moves_are_legal_and_its_end_is_final(names: list[str]) -> None:
    store = _memory_store()
    before = _admit(store)
    for name in names:
        try:
            OPERATIONS[name](store, before)
        except (IllegalJobMoveError, AttemptLostError):
            assert store.get(before.job_id) == before
        after = store.get(before.job_id)
        assert after.seq - before.seq == (after != before)
        assert after.status == before.status or after.status in ALLOWED_MOVES[before.status]
        assert after.status.is_final == (after.finished_at is not None)
        before = after


def test_an_unknown_job_is_refused_by_every_change(store: JobStore) -> None:
    for name in ("begin", "cancel", "finish", "restart"):
        with pytest.raises(UnknownJobError):
            OPERATIONS[name](store, _admit(_memory_store()))


def test_the_state_file_is_never_torn_and_never_goes_back(store: JobStore, tmp_path: Path) -> None:
    job = store.begin_attempt(_admit(store).job_id, "me")
    files = JobFiles(tmp_path, store)
    files.project(job.job_id)
    path = files.folder(job) / "state.json"
    seen: list[int] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            seen.append(json.loads(path.read_text(encoding="utf-8"))["seq"])

    def write() -> None:
        for percent in range(20):
            store.report_progress(job, percent, "fitting")
            files.project(job.job_id)

    threads = [threading.Thread(target=write) for _ in range(3)]
    reader = threading.Thread(target=read)
    for thread in [reader, *threads]:
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    reader.join()
    assert seen == sorted(seen)
    assert json.loads(path.read_text(encoding="utf-8"))["seq"] == store.get(job.job_id).seq == 2 + 60
