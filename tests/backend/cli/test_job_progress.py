"""What a command that waits for a job tells meanwhile."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from backend.cli import job_progress
from backend.domain.jobs import JobKind, JobRecord
from backend.erp.reading import PlantReader
from backend.errors import DatabaseUnavailableError
from backend.iter_training.jobs.job_engine import JobEngine
from backend.iter_training.jobs.job_store import JobStore
from backend.settings import Settings, load_settings
from backend.state.database import open_state_engine, state_url

NOON = datetime(2026, 1, 1, 12)  # noqa: DTZ001 - naive UTC, as everywhere inside
DOWN = "cannot use database K3-DB: it refused the password. Correct DATABASE_PASSWORD in .env"


def _failed_once(settings: Settings) -> tuple[JobRecord, JobRecord]:
    """Return a job that waits for its second attempt, and then has begun it."""
    engine = open_state_engine(state_url(settings))
    store = JobStore(engine, lambda: NOON)
    limits = settings.config.queue
    job = store.admit(JobKind.TRAINING, {}, automatic=False, limits=limits, enqueue=lambda _connection, _job: None)
    resting = store.schedule_retry(store.begin_attempt(job.job_id, "me"), DOWN, 30)
    again = store.begin_attempt(job.job_id, "me")
    engine.dispose()
    return resting, again


def test_an_attempt_that_failed_is_told_once_and_at_once_with_its_cause(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    resting, again = _failed_once(settings)

    def wait(_engine: JobEngine, _job_id: str, on_change: Callable[[JobRecord], None]) -> JobRecord:
        for job in (resting, resting, again):
            on_change(job)
        return again

    def start(_engine: JobEngine, *_kind: Any, **_asked: Any) -> JobRecord:
        return resting

    monkeypatch.setattr(JobEngine, "start", start)
    monkeypatch.setattr(JobEngine, "wait", wait)
    monkeypatch.setattr(JobEngine, "open", lambda _engine: None)
    job_progress.run_job(settings, JobKind.TRAINING, {}, "Training")

    told = capsys.readouterr().err
    assert told.count(f"Training: attempt 1 failed; trying again in 30 s: {DOWN}") == 1
    assert again.current_step == "starting attempt 2"


def test_a_training_says_that_it_connects_before_the_database_answers(root: Path) -> None:
    (root / ".env").write_text("DATABASE_URL=postgresql://nobody@127.0.0.1:9/erp\n", encoding="utf-8")
    steps: list[str] = []
    reader = PlantReader(load_settings(root))
    for read in (reader.read_plant, lambda report: reader.read_work_orders_since(NOON, report)):
        with pytest.raises(DatabaseUnavailableError):
            read(lambda _share, step: steps.append(step))

    assert steps == ["connecting to the plant's database"] * 2
