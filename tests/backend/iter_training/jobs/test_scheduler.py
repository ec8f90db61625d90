"""Scheduled starts, on real SQLite, with a clock that the test moves."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import URL, Connection, Engine

from backend.config_keys import QueueSettings
from backend.domain.jobs import JobKind, JobRecord
from backend.domain.schedule import DueTime, Plan
from backend.errors import FeatureDisabledError, SettingError
from backend.iter_training.jobs.job_store import JobStore
from backend.iter_training.jobs.schedule_store import DueTimeTakenError, ScheduleStore, take
from backend.iter_training.jobs.scheduler import Launcher, Scheduler, plans_of
from backend.settings import load_settings
from backend.state.database import open_state_engine
from backend.state.tables import metadata

NOON = datetime(2026, 1, 1, 12)  # noqa: DTZ001 - naive UTC throughout
DUE = NOON + timedelta(hours=15)
PLAN = Plan(JobKind.EVALUATION, "0 3 * * *", ZoneInfo("UTC"))


class Plant:
    """What a process that owns the jobs has: the tables, a clock, and starting for due times."""

    def __init__(self, engine: Engine) -> None:
        self.now = NOON
        self.jobs = JobStore(engine, lambda: self.now)
        self.store = ScheduleStore(engine)
        self.scheduler = Scheduler([PLAN], self.store, lambda: self.now)
        self.has_model = True
        self.is_enabled = True

    def start(self, kind: JobKind, due_at: datetime) -> JobRecord:
        if not self.is_enabled:
            raise FeatureDisabledError("ENABLE_QUALITY_MONITORING")

        def enqueue(connection: Connection, job: JobRecord) -> None:
            take(connection, DueTime(kind, due_at, job.job_id, "started"))

        return self.jobs.admit(kind, {}, automatic=True, limits=QueueSettings(max_size=1), enqueue=enqueue)

    def unfinished(self) -> set[JobKind]:
        return {job.kind for job in self.jobs.unfinished()}

    def tick(self, **later: float) -> list[JobRecord]:
        self.now += timedelta(**later)
        self.scheduler.tick(Launcher(self.start, lambda: self.has_model, self.unfinished))
        return self.jobs.list_jobs()

    def end(self, job: JobRecord) -> None:
        self.jobs.request_cancel(job.job_id)

    def outcome(self) -> str:
        last = self.store.last(PLAN.kind)
        assert last is not None
        return last.outcome


@pytest.fixture
def plant(tmp_path: Path) -> Iterator[Plant]:
    engine = open_state_engine(URL.create("sqlite", database=str(tmp_path / "state.db")))
    metadata.create_all(engine)
    yield Plant(engine)
    engine.dispose()


def test_a_new_installation_catches_up_on_nothing(plant: Plant) -> None:
    assert plant.tick() == []
    assert plant.tick(hours=14) == []


def test_what_is_due_is_started_once_however_often_one_looks(plant: Plant) -> None:
    plant.tick()
    assert len(plant.tick(hours=15)) == 1
    assert len(plant.tick(seconds=5)) == 1
    job = plant.jobs.list_jobs()[0]
    assert (job.kind, job.automatic) == (JobKind.EVALUATION, True)
    last = plant.store.last(PLAN.kind)
    assert last == DueTime(PLAN.kind, DUE, job.job_id, "started")


def test_after_a_week_without_a_server_one_run_catches_up(plant: Plant) -> None:
    plant.tick()
    assert len(plant.tick(days=7)) == 1
    assert len(plant.tick(hours=1)) == 1


def test_a_second_scheduler_does_not_start_the_same_due_time(plant: Plant) -> None:
    plant.tick()
    plant.tick(hours=15)
    plant.end(plant.jobs.list_jobs()[0])
    with pytest.raises(DueTimeTakenError):
        plant.start(PLAN.kind, DUE)
    assert len(plant.jobs.list_jobs()) == 1, "the job's row is undone with the due time"


def test_a_run_that_still_waits_is_not_overtaken(plant: Plant) -> None:
    plant.tick()
    (first,) = plant.tick(hours=15)
    assert plant.tick(days=1) == [first]
    assert first.job_id in plant.outcome()
    plant.end(first)
    assert len(plant.tick(hours=1)) == 1, "what was passed over stays so"
    assert len(plant.tick(days=1)) == 2


def test_what_is_switched_off_is_passed_over_and_said(plant: Plant) -> None:
    plant.tick()
    plant.is_enabled = False
    assert plant.tick(days=1) == []
    assert "ENABLE_QUALITY_MONITORING" in plant.outcome()
    plant.is_enabled = True
    assert len(plant.tick(days=1)) == 1


def test_without_a_model_there_is_nothing_to_judge(plant: Plant) -> None:
    plant.tick()
    plant.has_model = False
    assert plant.tick(days=1) == []
    assert "routing-ml train" in plant.outcome()


def test_what_is_scheduled_is_told_with_its_last_and_next_due_time(plant: Plant) -> None:
    plant.tick()
    plant.tick(hours=15)
    (told,) = plant.scheduler.scheduled()
    assert (told.cron, told.time_zone, told.next_due_at) == ("0 3 * * *", "UTC", DUE + timedelta(days=1))
    assert told.last == plant.store.last(PLAN.kind)


def test_plans_are_the_configured_ones_on_the_clock_of_the_plant(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    text = "schedule: {refresh: '', training: '0 4 * * 0'}\n"
    (tmp_path / "config/iter_training.yaml").write_text(text, encoding="utf-8")
    plans = {plan.kind: (plan.cron, plan.zone.key) for plan in plans_of(load_settings(tmp_path))}
    assert plans == {
        JobKind.EVALUATION: ("0 3 * * *", "Asia/Seoul"),
        JobKind.TRAINING: ("0 4 * * 0", "Asia/Seoul"),
    }


def test_an_evaluation_waits_until_a_refresh_has_ended(plant: Plant) -> None:
    plant.tick()
    refresh = plant.jobs.admit(
        JobKind.REFRESH, {}, automatic=False, limits=QueueSettings(), enqueue=lambda _connection, _job: None
    )
    assert plant.tick(hours=15) == [refresh]
    plant.end(refresh)
    assert [job.kind for job in plant.tick(minutes=5)] == [JobKind.EVALUATION, JobKind.REFRESH]


def test_a_clock_that_was_in_the_future_does_not_silence_the_schedule(plant: Plant) -> None:
    plant.tick(days=30_000)
    plant.now = NOON
    plant.tick()
    assert len(plant.tick(hours=15)) == 1


def test_an_unreadable_setting_is_noted_once_and_the_next_plan_goes_on(plant: Plant) -> None:
    other = Plan(JobKind.TRAINING, "0 3 * * *", ZoneInfo("UTC"))
    plant.scheduler = Scheduler([PLAN, other], plant.store, lambda: plant.now)
    plant.tick()
    start = plant.start

    def refuse(kind: JobKind, due_at: datetime) -> JobRecord:
        if kind is PLAN.kind:
            raise SettingError(".env", "ENABLE_TRAINING", "maybe", "true or false")
        return start(kind, due_at)

    plant.start = refuse  # type: ignore[method-assign]
    assert [job.kind for job in plant.tick(hours=15)] == [JobKind.TRAINING]
    assert "ENABLE_TRAINING" in plant.outcome()
