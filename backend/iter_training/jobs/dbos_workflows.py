"""Our jobs as DBOS workflows; the only module that imports DBOS, and only job_engine.py imports it.

DBOS keeps its tables in the state database itself (schema "dbos" on PostgreSQL), so that a job's row
and its workflow are made in one transaction: both exist or neither. The workflow id is the job id and
each kind of job has a queue of its own. All calls come from our own threads, never from an event loop.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Final

import sqlalchemy as sa
from dbos import DBOS, DBOSClient, DBOSConfig, DBOSPortableJSONSerializer
from sqlalchemy import Connection, Engine

from backend.domain.jobs import JobKind, JobRecord
from backend.iter_training.jobs.job_runner import JobRunner, Verdict, follow_job
from backend.iter_training.jobs.reconciler import WorkflowStage, WorkflowState
from backend.state.database import needs_unixepoch, register_unixepoch

_APPLICATION: Final = "routing_ml"
_VERSION: Final = "1"  # of the workflow's steps; DBOS's default, a hash of the code, strands jobs after an update
_WORKFLOW: Final = "routing_ml_job"
_QUEUE_POLL_SECONDS: Final = 0.5
_STAGES: Final = {
    "ENQUEUED": WorkflowStage.WAITING,
    "DELAYED": WorkflowStage.WAITING,
    "CANCELLED": WorkflowStage.CANCELLED,
    "SUCCESS": WorkflowStage.COMPLETED,
    "ERROR": WorkflowStage.BROKEN,
    "MAX_RECOVERY_ATTEMPTS_EXCEEDED": WorkflowStage.BROKEN,
}


class DbosWorkflows:
    """Queues workflows from any process; runs them in the one that launches it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._executor_id: str | None = None
        _keep_console_quiet()
        _make_tables(engine)
        self._client = DBOSClient(
            system_database_engine=engine,
            serializer=DBOSPortableJSONSerializer(),
            application_name=_APPLICATION,
        )

    def enqueue(self, connection: Connection, job: JobRecord) -> None:
        """Queue a job's workflow inside the caller's transaction."""
        self._client.enqueue_in_transaction(
            connection,
            {
                "workflow_name": _WORKFLOW,
                "queue_name": _queue_name(job.kind),
                "workflow_id": job.job_id,
                "app_version": _VERSION,
            },
            job.job_id,
        )

    def states(self) -> Mapping[str, WorkflowState]:
        """Return every workflow that the engine remembers, by job id."""
        found = self._client.list_workflows(name=_WORKFLOW, load_input=False)
        return {it.workflow_id: WorkflowState(self._stage(it.status, it.executor_id), _text(it.error)) for it in found}

    def resume(self, job: JobRecord) -> None:
        """Queue a workflow again that a dead owner had claimed; its finished steps stay finished."""
        self._client.resume_workflow(job.job_id, queue_name=_queue_name(job.kind))

    def delete(self, job_ids: list[str]) -> None:
        """Forget workflows, whatever their stage."""
        self._client.delete_workflows(job_ids)

    def launch(self, executor_id: str, runner: JobRunner) -> None:
        """Begin to run workflows in threads of this process."""
        config = DBOSConfig(
            name=_APPLICATION,
            application_version=_VERSION,
            executor_id=executor_id,
            system_database_engine=self._engine,
            run_migrations=False,
            serializer=DBOSPortableJSONSerializer(),
            enable_otlp=False,
            log_level="WARNING",
        )
        self._executor_id = executor_id
        for kind in JobKind:  # before the launch, which then serves them at once
            self._client.register_queue(
                _queue_name(kind),
                global_concurrency=1,
                worker_concurrency=1,
                polling_interval_sec=_QUEUE_POLL_SECONDS,
            )
        try:
            DBOS(config=config)
            _register_workflow(runner)
            DBOS.launch()
        except BaseException:
            self.shut_down()  # a half-launched DBOS could not be launched again
            raise

    def shut_down(self) -> None:
        """Stop to run workflows; those under way stay claimed by us until the next owner resumes them."""
        DBOS.destroy(destroy_registry=True)
        self._executor_id = None

    def _stage(self, status: str, executor_id: str | None) -> WorkflowStage:
        if status == "PENDING":
            here = executor_id == self._executor_id
            return WorkflowStage.RUNNING_HERE if here else WorkflowStage.RUNNING_ELSEWHERE
        return _STAGES[status]


def _register_workflow(runner: JobRunner) -> None:
    @DBOS.workflow(name=_WORKFLOW, max_recovery_attempts=None)
    def run_job(job_id: str) -> None:
        def step(name: str, function: Callable[[str], Verdict]) -> Verdict:
            return Verdict(DBOS.run_step({"name": name}, function, job_id))

        follow_job(runner, job_id, step)


def _queue_name(kind: JobKind) -> str:
    return f"{_APPLICATION}_{kind.value}"


def _text(error: Exception | None) -> str | None:
    return None if error is None else f"{type(error).__name__}: {error}"


def _make_tables(engine: Engine) -> None:
    """Create or update DBOS's own tables with an engine of its own: on SQLite it wants to begin the transaction."""
    register = needs_unixepoch() and engine.dialect.name == "sqlite"
    listener = (sa.Pool, "connect", lambda connection, _record: register_unixepoch(connection))
    if register:
        sa.event.listen(*listener)
    try:
        DBOS.migrate(engine.url.render_as_string(hide_password=False))
    finally:
        if register:
            sa.event.remove(*listener)


def _keep_console_quiet() -> None:
    """Send DBOS's log lines where ours go; without a handler it would write to the console by itself."""
    log = logging.getLogger("dbos")
    if not log.handlers:
        log.addHandler(logging.NullHandler())
    log.setLevel(logging.WARNING)
