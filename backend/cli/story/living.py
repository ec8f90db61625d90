"""Lives through a story day by day; killed at any moment, it goes on from what is on disk and in the database."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

from backend.cli.story.chronicle import EventKind, loop_events, plant_events
from backend.cli.story.installation import StoryFolder
from backend.cli.story.jobs_here import JobsHere, WorkHere
from backend.cli.story.measuring import Measuring
from backend.cli.story.report import StorySummary, write_story
from backend.domain.jobs import JobKind, JobRecord, JobStatus
from backend.domain.progress import ProgressReport, no_progress, part_of
from backend.erp.demo.unfolding import restore_bookings, spoil_bookings, unfold
from backend.errors import StoryError
from backend.iter_training.deployer import RELEASE_ACTION
from backend.iter_training.jobs.job_engine import JobEngine
from backend.iter_training.jobs.job_store import JobStore
from backend.monitoring.log_files import log_files
from backend.registry.store import ModelStore
from backend.state.audit import record_audit
from backend.state.database import open_state_engine, state_url
from backend.state.promotion_hold import clear_hold, read_hold

BAD_NIGHT: Final = "started by hand in the night of the wrong bookings"
PREPARING_SHARE: Final = 0.05
JOBS_OF_A_NIGHT: Final = 20
"""More than a night ever has."""


class StoryClock:
    """Stands still until the story moves it on."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        """Return the story's present moment (naive UTC)."""
        return self.moment


def live_through(
    folder: StoryFolder, report: ProgressReport = no_progress, tell: Callable[[str], None] = lambda _line: None
) -> StorySummary:
    """Bring a story to its end, from wherever it is, and write its report; `tell` hears of each thing that happens.

    Raises StoryError where a job failed or another process is at it, and SettingError where the folder holds another.
    """
    folder.prepare(part_of(report, 0.0, PREPARING_SHARE))
    with log_files(folder.settings, console=False), _opened(folder) as life:
        for day in range(folder.day_done + 1, folder.plan.days + 1):
            share = PREPARING_SHARE + (1 - PREPARING_SHARE) * day / folder.plan.days
            report(share, f"{folder.plan.date_of(day)}, day {day} of {folder.plan.days}")
            life.live(day)
            folder.finish_day(day)
            for line in life.told_of(day):
                tell(line)
        return life.written_down()


@contextmanager
def _opened(folder: StoryFolder) -> Iterator["_Life"]:
    life = _Life(folder)
    try:
        yield life
    finally:
        life.close()


class _Life:
    """The plant, its people and its server. Every step may be killed and is then taken again."""

    def __init__(self, folder: StoryFolder) -> None:
        ModelStore(folder.settings).recover()
        self._folder = folder
        self._plan = folder.plan
        self._clock = StoryClock(folder.night_after(0))
        self._state = open_state_engine(state_url(folder.settings))
        self._store = JobStore(self._state, self._clock)
        self._jobs = JobsHere(self._store.unfinished)
        self._measuring = Measuring(folder)
        self._engine = JobEngine(
            folder.settings,
            self._clock,
            keeps_schedule=True,
            workflows=self._jobs,
            start_child=lambda attempt, _root, _threads: WorkHere(attempt, folder.settings, self._clock),
        )

    def close(self) -> None:
        """Let go of the engine and the database."""
        self._engine.close()
        self._state.dispose()

    def live(self, day: int) -> None:
        """Let a day pass: the shop works, what it did is measured, and at night the loop does its part."""
        self._clock.moment = self._folder.night_after(day)
        if day == 0:
            self._train_first_model()
        else:
            self._work(day)
        self._run_what_is_due()
        if day == self._plan.bad_night_day:
            self._have_a_bad_night()
        self._look_after_a_hold()

    def told_of(self, day: int) -> Iterator[str]:
        """Yield a line for each thing that happened on a day and is worth a line."""
        newest = self._store.list_jobs(limit=JOBS_OF_A_NIGHT)
        events = [*plant_events(self._folder), *loop_events(self._folder, self._state, newest)]
        for event in events:
            if event.day == day and event.kind is not EventKind.REFRESHED:
                yield f"{self._plan.date_of(day)}  {event.kind.value}: {event.text}"

    def written_down(self) -> StorySummary:
        """Write the report on all days so far, and return what came of them."""
        return write_story(self._folder, self._state)

    def _work(self, day: int) -> None:
        unfold(self._folder.plant, self._folder.future, self._plan.date_of(day))
        if self._folder.measured(day) is None:  # before any model sees the day
            self._folder.note_measured(day, self._measuring.measure(day).to_json())

    def _run_what_is_due(self) -> None:
        """Have the engine start what is due or asked for, and do it, until nothing is left to do."""
        while True:
            self._engine.tend()
            if not self._engine.owns_jobs:
                raise StoryError("another process is at this story; wait for it, or end it")
            job = self._jobs.run_next()
            if job is None:
                return
            ended = self._store.get(job.job_id)
            if ended.status not in {JobStatus.SUCCEEDED, JobStatus.SKIPPED}:
                raise StoryError(f"{ended.kind} {ended.job_id} ended as {ended.status}: {ended.error}")

    def _train_first_model(self) -> None:
        job = self._started_by_hand("the first model")
        self._run_what_is_due()
        version = (self._store.get(job.job_id).result or {}).get("version")
        if version is None:
            raise StoryError(f"the first training made no model: {self._store.get(job.job_id).result}")
        if not self._folder.frozen.exists():
            building = self._folder.frozen.with_name(f"frozen.{os.getpid()}.building")
            shutil.copytree(self._folder.settings.models_dir / version, building)
            building.rename(self._folder.frozen)

    def _have_a_bad_night(self) -> None:
        """Have minutes booked per piece for one night; its training learns from them and is judged by them."""
        plant, future = self._folder.plant, self._folder.future
        if self._by_hand(BAD_NIGHT) is None:
            spoil_bookings(plant, future)
        self._started_by_hand(BAD_NIGHT)
        self._run_what_is_due()
        restore_bookings(plant, future)

    def _started_by_hand(self, reason: str) -> JobRecord:
        return self._by_hand(reason) or self._engine.start(JobKind.TRAINING, {"reason": reason})

    def _by_hand(self, reason: str) -> JobRecord | None:
        trainings = self._store.list_jobs(JobKind.TRAINING, limit=10_000)
        return next((job for job in trainings if job.parameters.get("reason") == reason), None)

    def _look_after_a_hold(self) -> None:
        """Do what 'routing-ml models release' does, some days after a roll-back."""
        hold = read_hold(self._state)
        if hold is None or self._clock() - hold.held_at < timedelta(days=self._plan.release_after_days):
            return
        clear_hold(self._state, self._clock())
        record_audit(
            self._state, actor="story", action=RELEASE_ACTION, subject="promotion", details={}, clock=self._clock
        )
