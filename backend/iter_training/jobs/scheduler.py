"""Starts jobs when they are due; the one process that owns the job engine asks it every few seconds."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from backend.domain.clock import Clock
from backend.domain.jobs import JobKind, JobRecord
from backend.domain.schedule import DueTime, Plan, ScheduledJob
from backend.erp.embedded import active_profile_name
from backend.erp.profile import load_profile
from backend.errors import RoutingMLError
from backend.iter_training.jobs.schedule_store import DueTimeTakenError, ScheduleStore
from backend.settings import Settings, find_profile_dir

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Launcher:
    """What a scheduler needs of the job engine."""

    start: Callable[[JobKind, datetime], JobRecord]
    """Starts the job of a due time and takes the due time, in one transaction."""
    has_model: Callable[[], bool]
    unfinished: Callable[[], set[JobKind]]
    """Kinds of which a job waits or runs."""


class Scheduler:
    """Compares the plans with the newest due times that were dealt with.

    Whatever fell due while nobody looked is caught up on once, by its newest due time.
    """

    def __init__(self, plans: Sequence[Plan], store: ScheduleStore, clock: Clock) -> None:
        self._plans = plans
        self._store = store
        self._clock = clock

    def tick(self, launcher: Launcher) -> None:
        """Start what is due; what cannot be started is logged, noted and passed over."""
        for plan in self._plans:
            now = self._clock()
            last, due = self._store.last(plan.kind), plan.latest(now)
            if last is None or last.due_at > now:
                self._store.begin(plan.kind, now)
            elif last.due_at < due and not self._waits_for_a_refresh(plan.kind, launcher):
                self._start(plan, due, launcher)

    def _waits_for_a_refresh(self, kind: JobKind, launcher: Launcher) -> bool:
        """Tell whether an evaluation is better started later: a refresh is about to change what it would judge."""
        return kind is JobKind.EVALUATION and JobKind.REFRESH in launcher.unfinished()

    def _start(self, plan: Plan, due: datetime, launcher: Launcher) -> None:
        try:
            if plan.kind is not JobKind.TRAINING and not launcher.has_model():
                self._pass_over(plan, due, "no model is active yet; run 'routing-ml train'")
                return
            job = launcher.start(plan.kind, due)
            _logger.info("the scheduled %s of %s UTC is %s", plan.kind, due, job.job_id)
        except RoutingMLError as error:
            self._pass_over(plan, due, str(error))
        except DueTimeTakenError:
            return

    def _pass_over(self, plan: Plan, due: datetime, reason: str) -> None:
        self._store.pass_over(DueTime(plan.kind, due, None, reason))
        _logger.warning("the scheduled %s of %s UTC is passed over: %s", plan.kind, due, reason)

    def scheduled(self) -> list[ScheduledJob]:
        """Return each plan with its newest and its next due time."""
        now = self._clock()
        return [
            ScheduledJob(plan.kind, plan.cron, plan.zone.key, self._store.last(plan.kind), plan.next(now))
            for plan in self._plans
        ]


def plans_of(settings: Settings) -> list[Plan]:
    """Return what is scheduled, on the clock of the plant; raises ProfileError."""
    zone = ZoneInfo(load_profile(find_profile_dir(settings.root, active_profile_name(settings))).rules.time_zone)
    schedule = settings.config.schedule
    wanted = (
        (JobKind.REFRESH, schedule.refresh),
        (JobKind.EVALUATION, schedule.evaluation),
        (JobKind.TRAINING, schedule.training),
    )
    return [Plan(kind, cron, zone) for kind, cron in wanted if cron]
