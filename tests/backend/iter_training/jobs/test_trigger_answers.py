"""What a cycle asks for is started once, whoever looks, and asked for again where it came to nothing."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import URL, Connection, Engine

from backend.config_keys import QueueSettings
from backend.domain.jobs import JobKind, JobRecord, JobStatus
from backend.domain.quality import UNKNOWN_LIMITS, CycleReport, CycleStatus
from backend.domain.sampling import Sampling, SamplingStrategy
from backend.domain.trigger import Alarm, TriggerAction, TriggerDecision
from backend.errors import FeatureDisabledError
from backend.iter_training.evaluation.evaluator import NOTHING
from backend.iter_training.jobs.job_store import JobStore
from backend.iter_training.jobs.trigger_answers import Claim, TriggerAnswers
from backend.iter_training.trigger_task import decision_before
from backend.monitoring.cycles import store_cycle
from backend.settings import Settings, load_settings
from backend.state.database import open_state_engine
from backend.state.promotion_hold import PromotionHold, set_hold
from backend.state.tables import metadata
from backend.state.trigger_requests import TriggerRequest, open_request

NOW = datetime(2026, 1, 10, 3)  # noqa: DTZ001 - naive UTC throughout
DAY = timedelta(days=1)
OPEN = Alarm(NOW - 3 * DAY, (("times", "", ""),), retrains=1, retrained_at=NOW)
RETRAIN = TriggerDecision(TriggerAction.RETRAIN, "it persists", "version_1", alarm=OPEN, judged_from=OPEN.opened_at)


class Server:
    """A process that owns the jobs."""

    def __init__(self, engine: Engine) -> None:
        self.jobs = JobStore(engine, lambda: NOW)
        self.is_enabled = True
        self.answers = TriggerAnswers(engine, self.start, is_enabled=True)

    def start(self, kind: JobKind, request: TriggerRequest, claim: Claim) -> JobRecord:
        if not self.is_enabled:
            raise FeatureDisabledError("ENABLE_TRAINING")
        limits = QueueSettings(max_size=1)
        return self.jobs.admit(kind, request.parameters, automatic=True, limits=limits, enqueue=claim)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "data").mkdir()
    return load_settings(tmp_path)


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    engine = open_state_engine(URL.create("sqlite", database=str(settings.data_dir / "state.db")))
    metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def server(engine: Engine) -> Server:
    return Server(engine)


def cycle(decision: TriggerDecision | None, number: int = 1) -> CycleReport:
    return CycleReport(
        cycle_id=f"cycle_{number}",
        created_at=NOW + number * DAY,
        status=CycleStatus.OK,
        message="",
        model_version="version_1",
        data_cutoff=None,
        window_start=None,
        window_end=None,
        sampling=Sampling(500, SamplingStrategy.RANDOM, 0),
        metrics=NOTHING,
        limits=UNKNOWN_LIMITS,
        segments=(),
        alerts=(),
        excluded={},
        quarantine=(),
        trigger=decision,
    )


def test_what_is_asked_for_is_started_once_by_any_number_of_servers(engine: Engine, server: Server) -> None:
    store_cycle(engine, cycle(RETRAIN), {"as_of": "2026-01-09"})
    for _ in range(3):
        server.answers.answer()
        Server(engine).answers.answer()
    (job,) = server.jobs.list_jobs()
    assert (job.kind, job.automatic, job.parameters) == (JobKind.TRAINING, True, {"as_of": "2026-01-09"})


def test_storing_the_cycle_again_asks_for_nothing_more(engine: Engine, server: Server) -> None:
    store_cycle(engine, cycle(RETRAIN))
    server.answers.answer()
    store_cycle(engine, cycle(RETRAIN))
    server.answers.answer()
    assert len(server.jobs.list_jobs()) == 1


def test_a_server_that_dies_between_claim_and_commit_leaves_the_request_open(engine: Engine, server: Server) -> None:
    def die(kind: JobKind, request: TriggerRequest, claim: Claim) -> JobRecord:
        def enqueue(connection: Connection, job: JobRecord) -> None:
            claim(connection, job)
            raise KeyboardInterrupt

        return server.jobs.admit(kind, request.parameters, automatic=True, limits=QueueSettings(), enqueue=enqueue)

    store_cycle(engine, cycle(RETRAIN))
    with pytest.raises(KeyboardInterrupt):
        TriggerAnswers(engine, die, is_enabled=True).answer()
    assert server.jobs.list_jobs() == []
    server.answers.answer()
    assert len(server.jobs.list_jobs()) == 1


def test_only_the_newest_cycle_is_answered(engine: Engine, server: Server) -> None:
    store_cycle(engine, cycle(replace(RETRAIN, action=TriggerAction.REFRESH)))
    store_cycle(engine, cycle(RETRAIN, 2))
    server.answers.answer()
    server.answers.answer()
    assert [job.kind for job in server.jobs.list_jobs()] == [JobKind.TRAINING]


def test_what_is_switched_off_is_passed_over(engine: Engine, server: Server) -> None:
    store_cycle(engine, cycle(RETRAIN))
    server.is_enabled = False
    server.answers.answer()
    assert open_request(engine) is None
    store_cycle(engine, cycle(RETRAIN, 2))
    TriggerAnswers(engine, server.start, is_enabled=False).answer()
    assert open_request(engine) is None
    assert server.jobs.list_jobs() == []


def test_nothing_is_trained_while_promotion_is_held(engine: Engine, server: Server) -> None:
    set_hold(engine, PromotionHold(NOW, "version_1", "worse"))
    store_cycle(engine, cycle(RETRAIN))
    server.answers.answer()
    assert server.jobs.list_jobs() == []


def before(settings: Settings) -> TriggerDecision:
    return decision_before(settings, "version_1", NOW + 9 * DAY)


def test_a_training_that_was_started_counts(engine: Engine, server: Server, settings: Settings) -> None:
    store_cycle(engine, cycle(RETRAIN))
    server.answers.answer()
    assert before(settings).alarm == OPEN


def test_a_training_that_was_passed_over_is_not_counted(engine: Engine, server: Server, settings: Settings) -> None:
    store_cycle(engine, cycle(RETRAIN))
    server.is_enabled = False
    server.answers.answer()
    assert before(settings).alarm == replace(OPEN, retrains=0, retrained_at=None)


def test_a_training_that_failed_is_not_counted_even_days_later(
    engine: Engine, server: Server, settings: Settings
) -> None:
    store_cycle(engine, cycle(RETRAIN))
    server.answers.answer()
    store_cycle(engine, cycle(replace(RETRAIN, action=TriggerAction.WAIT), 2))
    (job,) = server.jobs.list_jobs()
    server.jobs.conclude(job.job_id, JobStatus.FAILED, error="out of memory")
    assert before(settings).alarm == replace(OPEN, retrains=0, retrained_at=None)


def test_another_trained_version_starts_with_a_clean_sheet(engine: Engine, settings: Settings) -> None:
    store_cycle(engine, cycle(RETRAIN))
    decision = decision_before(settings, "version_2", NOW + 9 * DAY)
    assert (decision.alarm, decision.judged_from) == (None, None)


def test_an_evaluation_as_of_an_earlier_day_knows_nothing_of_later_alarms(engine: Engine, settings: Settings) -> None:
    store_cycle(engine, cycle(RETRAIN))
    assert decision_before(settings, "version_1", OPEN.opened_at - DAY).alarm is None


def test_backtests_and_cycles_without_work_change_nothing(engine: Engine, settings: Settings) -> None:
    store_cycle(engine, cycle(replace(RETRAIN, action=TriggerAction.WAIT)))
    store_cycle(engine, cycle(None, 2))
    assert before(settings).alarm == OPEN
