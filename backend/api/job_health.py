"""What is wrong with the jobs, as GET /health tells it."""

import threading
from typing import Final

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from backend.api.schemas.health import Reason
from backend.domain.clock import Clock
from backend.iter_training.jobs.job_journal import COMMANDS, failure_of
from backend.iter_training.jobs.job_store import JobStore

_DOCTOR: Final = "routing-ml doctor"


class JobHealth:
    """Asks the job table; while one request waits for a slow database, others get the answer before."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._store = JobStore(engine, clock)
        self._asking = threading.Lock()
        self._known: tuple[Reason, ...] = ()

    def reasons(self) -> tuple[Reason, ...]:
        """Return one reason for each kind of job whose last one failed."""
        if self._asking.acquire(blocking=False):
            try:
                self._known = self._ask()
            finally:
                self._asking.release()
        return self._known

    def _ask(self) -> tuple[Reason, ...]:
        try:
            failed = self._store.last_failures()
        except SQLAlchemyError as error:
            problem = f"the state database does not answer ({type(error).__name__})"
            return (Reason(part="jobs", problem=problem, command=_DOCTOR),)
        return tuple(Reason(part="jobs", problem=failure_of(job), command=COMMANDS[job.kind]) for job in failed)
