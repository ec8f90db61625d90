"""The reconciler tells in words what it mends."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from backend.domain.clock import utc_now
from backend.domain.jobs import JobKind, JobRecord, JobStatus
from backend.iter_training.jobs.job_files import JobFiles
from backend.iter_training.jobs.job_runner import JobRunner
from backend.iter_training.jobs.job_store import JobStore
from backend.iter_training.jobs.reconciler import Reconciler, WorkflowStage, WorkflowState
from backend.settings import Settings, load_settings
from backend.state.database import open_state_engine, state_url
from backend.state.tables import metadata


class OneStage:
    """An engine that says the same of every job."""

    def __init__(self, job_id: str, stage: WorkflowStage | None) -> None:
        self._states = {} if stage is None else {job_id: WorkflowState(stage)}

    def states(self) -> dict[str, WorkflowState]:
        return self._states

    def launch(self, executor_id: str, runner: JobRunner) -> None: ...

    def shut_down(self) -> None: ...

    def enqueue(self, connection: Connection, job: JobRecord) -> None: ...

    def resume(self, job: JobRecord) -> None: ...

    def delete(self, job_ids: list[str]) -> None: ...


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = load_settings(tmp_path)
    made.make_directories()
    return made


@pytest.fixture
def store(settings: Settings) -> Iterator[JobStore]:
    engine = open_state_engine(state_url(settings))
    metadata.create_all(engine)
    yield JobStore(engine, utc_now)
    engine.dispose()


@pytest.mark.parametrize(
    ("stage", "told", "status"),
    [
        (WorkflowStage.RUNNING_ELSEWHERE, "was left unfinished by a server that has ended", JobStatus.STARTED),
        (WorkflowStage.CANCELLED, "was cancelled by a server that ended before it had noted so", JobStatus.CANCELLED),
        (WorkflowStage.BROKEN, "was lost by the job engine; it is queued again", JobStatus.STARTED),
        (None, "was lost by the job engine; it is queued again", JobStatus.STARTED),
    ],
)
def test_what_is_mended_is_told_in_words(
    settings: Settings,
    store: JobStore,
    caplog: pytest.LogCaptureFixture,
    *,
    stage: WorkflowStage | None,
    told: str,
    status: JobStatus,
) -> None:
    limits = settings.config.queue
    job = store.admit(JobKind.TRAINING, {}, automatic=False, limits=limits, enqueue=lambda _connection, _job: None)
    store.begin_attempt(job.job_id, "a server that was killed")

    with caplog.at_level(logging.INFO, "backend"):
        Reconciler(store, JobFiles(settings.data_dir, store), OneStage(job.job_id, stage), settings).reconcile()

    assert f"training {job.job_id} {told}" in caplog.text
    assert "running_elsewhere" not in caplog.text
    assert store.get(job.job_id).status is status
