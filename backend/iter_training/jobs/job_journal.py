"""What operators read of jobs in the application log: who asked, the beginning, each failure, the end."""

import logging
from typing import Any, Final

from backend.domain.jobs import JobKind, JobRecord, JobStatus
from backend.monitoring.log_files import log_for_operators
from backend.settings import Settings

COMMANDS: Final = {
    JobKind.TRAINING: "routing-ml train",
    JobKind.REFRESH: "routing-ml refresh",
    JobKind.EVALUATION: "routing-ml evaluate",
}
"""What starts a job of each kind again."""

_logger = logging.getLogger(__name__)


class JobJournal:
    """Writes the lines, whichever process runs the jobs."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._tries = settings.config.training.max_attempts

    def asked(self, job: JobRecord, asked_by: str) -> None:
        """Say that somebody asked for a job."""
        self._say(logging.INFO, f"{_name(job)} is asked for by {asked_by}")

    def began(self, job: JobRecord) -> None:
        """Say that a job's first attempt begins."""
        self._say(logging.INFO, f"{_name(job)} starts")

    def changed(self, before: JobRecord, after: JobRecord) -> None:
        """Say that a try failed, and how a job ended, where that is what has happened in between."""
        if after.failures > before.failures:
            self._say(logging.WARNING, f"{_name(after)}: {self._failure(after)}; it is tried again")
        if after.status.is_final and not before.status.is_final:
            self._ended(after)

    def _failure(self, job: JobRecord) -> str:
        return f"failure {job.failures} of {self._tries}: {_sentence(job.error)}"

    def _ended(self, job: JobRecord) -> None:
        if job.status is not JobStatus.FAILED:
            self._say(logging.INFO, f"{_name(job)} ended {job.status}: {outcome(job)}")
            return
        remedy = f"'routing-ml jobs log {job.job_id}' says more, '{COMMANDS[job.kind]}' starts another"
        tries = f"after {job.failures + 1} tries" if job.failures else "at its first try"
        self._say(logging.ERROR, f"{_name(job)} FAILED for good {tries}: {_sentence(job.error)}. {remedy}")

    def _say(self, level: int, message: str) -> None:
        log_for_operators(self._settings, _logger, level, message)


def outcome(job: JobRecord) -> str:
    """Return in words what became of a job that did not fail."""
    result = job.result or {}
    if job.status is JobStatus.CANCELLED:
        return "somebody cancelled it"
    if job.status is JobStatus.SKIPPED:
        return f"not needed, {result.get('reason', '')}"
    if "promoted" in result:
        return _decision(result)
    return str(result.get("message") or result.get("status") or job.current_step)


def failure_of(job: JobRecord) -> str:
    """Return in words that the last job of its kind failed; COMMANDS has what starts another."""
    return f"the last {job.kind}, {job.job_id}, failed: {_sentence(job.error)}"


def _decision(result: dict[str, Any]) -> str:
    reason = str(result.get("reason", ""))
    if result["promoted"]:
        return f"{result.get('version')} serves now, {reason}"
    if all(check["passed"] for check in result.get("checks", ())):
        return reason  # a hold, or a version that changed meanwhile
    return f"gate refused: {reason.removeprefix('not promoted: ')}"


def _name(job: JobRecord) -> str:
    return f"{job.kind} {job.job_id}"


def _sentence(error: str | None) -> str:
    return (error or "no cause is known").rstrip(".")
