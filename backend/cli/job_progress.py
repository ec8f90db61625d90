"""Running one job from the command line: through the server when it owns the jobs, else right here."""

from typing import TYPE_CHECKING, Any

import typer

from backend.cli.exit_codes import ExitCode
from backend.cli.output import progress, say
from backend.domain.jobs import JobKind, JobRecord
from backend.settings import Settings

if TYPE_CHECKING:
    from backend.iter_training.jobs.job_engine import JobEngine


def run_job(settings: Settings, kind: JobKind, parameters: dict[str, Any], title: str) -> JobRecord:
    """Start a job and follow it to its end; Ctrl+C cancels it."""
    from backend.iter_training.jobs.job_engine import JobEngine

    engine = JobEngine(settings)
    engine.open()
    try:
        job = engine.start(kind, parameters, asked_by="the command line")
        say(f"{kind.value} {job.job_id}" + ("" if engine.owns_jobs else " (run by the server)"))
        return _follow(engine, job.job_id, title)
    finally:
        engine.close()


def _follow(engine: "JobEngine", job_id: str, title: str) -> JobRecord:
    failures_told = 0

    def tell(job: JobRecord) -> None:
        """Report progress, and say at once that an attempt failed: the wait for the next one may be long."""
        nonlocal failures_told
        rests = job.retry_at is not None
        step = f"{job.current_step}: {job.error}" if rests else job.current_step
        report(job.progress / 100, step)
        if rests and job.failures > failures_told:
            failures_told = job.failures
            say(f"{title}: {step}")

    with progress(title) as report:
        try:
            return engine.wait(job_id, tell)
        except KeyboardInterrupt:
            engine.cancel(job_id)
            say(f"job {job_id} is cancelled")
            raise typer.Exit(ExitCode.INTERRUPTED) from None
