"""Jobs as the rest of the product sees them: start, list, watch, cancel, and who runs them.

One process owns the engine and runs the jobs; any other is a client, and takes over within seconds
when the owner has gone. Closing the owner interrupts a running job: its process is stopped, its row
goes back to STARTED and says why, and the next owner starts a new attempt.
"""

import logging
import os
import secrets
import socket
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from backend.domain.clock import Clock, utc_now
from backend.domain.jobs import JobKind, JobRecord
from backend.domain.schedule import DueTime, ScheduledJob
from backend.errors import FeatureDisabledError, RoutingMLError
from backend.iter_training.jobs.child_process import ChildProcess, StartChild
from backend.iter_training.jobs.engine_lock import EngineLock
from backend.iter_training.jobs.job_files import JobFiles
from backend.iter_training.jobs.job_journal import JobJournal
from backend.iter_training.jobs.job_runner import JobRunner
from backend.iter_training.jobs.job_store import JobStore
from backend.iter_training.jobs.reconciler import Reconciler, Workflows
from backend.iter_training.jobs.schedule_store import ScheduleStore, take
from backend.iter_training.jobs.scheduler import Launcher, Scheduler, plans_of
from backend.iter_training.jobs.trigger_answers import Claim, TriggerAnswers
from backend.registry.store import ModelStore
from backend.settings import Settings, read_environment
from backend.state.database import open_state_engine, state_url
from backend.state.migrating import migrate_state
from backend.state.trigger_requests import TriggerRequest

RECONCILE_SECONDS: Final = 5.0
TAKE_OVER_SECONDS: Final = 2.0
WAIT_POLL_SECONDS: Final = 0.3
CLOSE_PATIENCE_SECONDS: Final = 30.0

_logger = logging.getLogger(__name__)


class JobEngine:
    """Starts, lists, watches and cancels jobs; runs them too where it owns the engine."""

    def __init__(  # noqa: PLR0913 - what it is made of, each with its usual value
        self,
        settings: Settings,
        clock: Clock = utc_now,
        *,
        tasks_module: str = "backend.iter_training.tasks",
        may_own: bool = True,
        keeps_schedule: bool = False,
        workflows: Workflows | None = None,
        start_child: StartChild = ChildProcess,
    ) -> None:
        """Make an engine that is not open yet.

        may_own: False for commands that only look or cancel. keeps_schedule: True for servers, which stay; a command
        that runs one job would leave behind what it starts on the way. workflows: DBOS unless others are given.
        """
        self._settings = settings
        self._tasks_module = tasks_module
        self._may_own = may_own
        self._keeps_schedule = keeps_schedule
        self._engine = open_state_engine(state_url(settings))
        self._store = JobStore(self._engine, clock)
        self._files = JobFiles(settings.data_dir, self._store)
        self._workflows_made = threading.Lock()
        self._workflows = workflows
        self._start_child = start_child
        self._journal = JobJournal(settings)
        self._owner: _Owner | None = None
        self._schedules = ScheduleStore(self._engine)
        self._clock = clock
        self._scheduler_made: Scheduler | None = None
        self._schedule_trouble = ""
        self._lock = EngineLock(settings.data_dir, self._engine)
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._keep_house, name="job-engine", daemon=True)

    @property
    def owns_jobs(self) -> bool:
        """Tell whether this process is the one that runs the jobs."""
        return self._lock.held

    def open(self) -> None:
        """Migrate the state database and become owner or client; jobs begin to run shortly after."""
        self._settings.data_dir.mkdir(parents=True, exist_ok=True)
        migrate_state(self._settings)
        if self._may_own:
            self._lock.try_acquire()
            self._thread.start()

    def close(self) -> None:
        """Interrupt what runs here, stop its processes, and let another process take over."""
        self._closing.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()
        self._step_down()
        self._engine.dispose()

    def start(
        self, kind: JobKind, parameters: dict[str, Any], *, automatic: bool = False, asked_by: str = "a program"
    ) -> JobRecord:
        """Queue a job; raises FeatureDisabledError, QueueFullError, and CooldownError if automatic."""
        self._check_enabled(kind)
        workflows = self._dbos()  # may write tables, so not inside the transaction
        job = self._store.admit(
            kind,
            parameters,
            automatic=automatic,
            limits=self._settings.config.queue,
            enqueue=workflows.enqueue,
        )
        self._journal.asked(job, asked_by)
        self._files.project(job.job_id)
        return job

    def _start_due(self, kind: JobKind, due_at: datetime) -> JobRecord:
        """Queue the job of a due time, unless one of its kind waits or runs: errors as for start."""
        self._check_enabled(kind)
        workflows = self._dbos()

        def enqueue(connection: Connection, job: JobRecord) -> None:
            take(connection, DueTime(kind, due_at, job.job_id, "started"))
            workflows.enqueue(connection, job)

        # a plan is its own rest, and what waits or runs is not overtaken
        alone = self._settings.config.queue.model_copy(update={"max_size": 1, "cooldown_hours": 0})
        job = self._store.admit(kind, {}, automatic=True, limits=alone, enqueue=enqueue)
        self._files.project(job.job_id)
        return job

    def _start_asked(self, kind: JobKind, request: TriggerRequest, claim: Claim) -> JobRecord:
        """Queue the job that a cycle asks for, unless one of its kind waits or runs: errors as for start."""
        self._check_enabled(kind)
        workflows = self._dbos()

        def enqueue(connection: Connection, job: JobRecord) -> None:
            claim(connection, job)
            workflows.enqueue(connection, job)

        alone = self._settings.config.queue.model_copy(update={"max_size": 1})
        parameters = {"asked_by": request.cycle_id, "reason": request.reason, **request.parameters}
        job = self._store.admit(kind, parameters, automatic=True, limits=alone, enqueue=enqueue)
        self._files.project(job.job_id)
        return job

    def scheduled(self) -> list[ScheduledJob]:
        """Return what is scheduled, when it was due last, what became of it, and when it is due next."""
        return self._scheduler().scheduled()

    def cancel(self, job_id: str) -> JobRecord:
        """Cancel a waiting job at once; a running one stops within seconds, unless it is storing its result.

        Raises UnknownJobError, and IllegalJobMoveError for a job that has ended.
        """
        lock = EngineLock(self._settings.data_dir, self._engine)
        nobody_owns = lock.try_acquire()  # and nobody will while we hold it
        try:
            before = self._store.get(job_id)
            self._journal.changed(before, self._store.request_cancel(job_id, at_once=nobody_owns))
        finally:
            lock.release()
        return self._files.project(job_id)

    def get(self, job_id: str) -> JobRecord:
        """Return a job as its row tells it now; raises UnknownJobError."""
        return self._store.get(job_id)

    def list_jobs(self, kind: JobKind | None = None, limit: int = 50) -> list[JobRecord]:
        """Return the newest jobs first."""
        return self._store.list_jobs(kind, limit)

    def log_lines(self, job_id: str, after: int = 0) -> list[str]:
        """Return the log lines of all of a job's attempts, without the first `after`."""
        return self._files.log_lines(self.get(job_id), after)

    def wait(self, job_id: str, on_change: Callable[[JobRecord], None] | None = None) -> JobRecord:
        """Block until a job has ended, or this engine is closed; return the job as it is then.

        on_change is called with each change that is seen, the end included.
        """
        seen = -1
        while True:
            job = self.get(job_id)
            if on_change is not None and job.seq != seen:
                on_change(job)
            seen = job.seq
            if job.status.is_final or self._closing.wait(WAIT_POLL_SECONDS):
                return job

    def _check_enabled(self, kind: JobKind) -> None:
        switches = read_environment(self._settings.root)  # as .env is now: switching off needs no restart
        if kind in {JobKind.TRAINING, JobKind.REFRESH} and not switches.ENABLE_TRAINING:
            raise FeatureDisabledError("ENABLE_TRAINING")
        if kind is JobKind.EVALUATION and not switches.ENABLE_QUALITY_MONITORING:
            raise FeatureDisabledError("ENABLE_QUALITY_MONITORING")

    def _dbos(self) -> Workflows:
        with self._workflows_made:
            if self._workflows is None:
                # 25 MB that a process which only looks at jobs does not pay
                from backend.iter_training.jobs.dbos_workflows import DbosWorkflows  # noqa: PLC0415

                self._workflows = DbosWorkflows(self._engine)
            return self._workflows

    def _keep_house(self) -> None:
        """Own the engine whenever possible, and reconcile while we do; runs in a thread of its own.

        The thread also keeps DBOS away from the server's event loop, which it would adopt.
        """
        while not self._closing.is_set():
            try:
                self.tend()
            except Exception:  # the thread must outlive a database that is down for a while
                _logger.exception("the job engine failed; it goes on trying")
            self._wake.wait(RECONCILE_SECONDS if self._owner else TAKE_OVER_SECONDS)
        self._step_down()

    def tend(self) -> None:
        """Own the engine if possible, heal, and start what is due; an open engine's thread does it all the time."""
        if self._owner is not None and not self._lock.still_held():
            _logger.error("the lock of the job engine is lost; another process may run the jobs now")
            self._step_down()
        if self._owner is None and self._lock.try_acquire():
            self._owner = self._become_owner()
        if self._owner is not None:
            self._owner.reconciler.reconcile()
            if self._keeps_schedule:
                self._keep_schedule()
                TriggerAnswers(self._engine, self._start_asked, self._settings.config.trigger.enabled).answer()

    def _scheduler(self) -> Scheduler:
        if self._scheduler_made is None:
            self._scheduler_made = Scheduler(plans_of(self._settings), self._schedules, self._clock)
        return self._scheduler_made

    def _keep_schedule(self) -> None:
        try:
            scheduler = self._scheduler()
        except RoutingMLError as error:
            if str(error) != self._schedule_trouble:
                _logger.error("nothing is started by schedule: %s", error)  # noqa: TRY400 - the message says it all
            self._schedule_trouble = str(error)
            return
        scheduler.tick(Launcher(self._start_due, self._has_model, self._unfinished_kinds))

    def _unfinished_kinds(self) -> set[JobKind]:
        return {job.kind for job in self._store.unfinished()}

    def _has_model(self) -> bool:
        return ModelStore(self._settings).manifest().active_version is not None

    def _become_owner(self) -> "_Owner":
        name = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        workflows = self._dbos()
        runner = JobRunner(
            self._settings,
            self._store,
            self._files,
            owner=name,
            tasks_module=self._tasks_module,
            start_child=self._start_child,
        )
        workflows.launch(name, runner)
        return _Owner(runner, Reconciler(self._store, self._files, workflows, self._settings), workflows)

    def _step_down(self) -> None:
        if self._owner is not None:
            self._owner.stop()
            self._owner = None
        self._lock.release()


class _Owner:
    """What only the owner of the engine has."""

    def __init__(self, runner: JobRunner, reconciler: Reconciler, workflows: Workflows) -> None:
        self.reconciler = reconciler
        self._runner = runner
        self._workflows = workflows

    def stop(self) -> None:
        """Interrupt running jobs, then shut DBOS down."""
        self._runner.stop(CLOSE_PATIENCE_SECONDS)
        self._workflows.shut_down()
