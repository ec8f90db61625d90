"""routing-ml jobs: list, schedule, show, cancel, log."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from backend.cli.exit_codes import EXIT_CODES_HELP
from backend.cli.output import JsonFlag, print_json, print_summary, print_table
from backend.domain.jobs import JobKind

if TYPE_CHECKING:
    from backend.iter_training.jobs.job_engine import JobEngine

app = typer.Typer(
    help="Look at and cancel training, refresh and evaluation jobs.", no_args_is_help=True, epilog=EXIT_CODES_HELP
)

JobId = Annotated[str, typer.Argument(help="A job of 'routing-ml jobs list'.")]


@contextmanager
def _job_engine() -> Iterator["JobEngine"]:
    """Open the job table without becoming the process that runs the jobs."""
    from backend.iter_training.jobs.job_engine import JobEngine
    from backend.settings import load_settings

    engine = JobEngine(load_settings(), may_own=False)
    engine.open()
    try:
        yield engine
    finally:
        engine.close()


@app.command("list")
def list_(
    kind: Annotated[JobKind | None, typer.Option(help="Only jobs of this kind.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="The newest so many.")] = 20,
    as_json: JsonFlag = False,
) -> None:
    """List jobs, newest first."""
    with _job_engine() as engine:
        jobs = engine.list_jobs(kind, limit)
    if as_json:
        print_json(jobs)
        return
    columns = ("job", "kind", "status", "%", "step", "created (UTC)", "finished (UTC)")
    rows = (
        (job.job_id, job.kind, job.status, job.progress, job.error or job.current_step, job.created_at, job.finished_at)
        for job in jobs
    )
    print_table("", columns, rows)


@app.command()
def schedule(as_json: JsonFlag = False) -> None:
    """Show which jobs start by themselves, and what became of their last due time."""
    with _job_engine() as engine:
        scheduled = engine.scheduled()
    if as_json:
        print_json(scheduled)
        return
    columns = ("kind", "cron", "time zone", "last due (UTC)", "outcome", "job", "next due (UTC)")
    rows = (
        (
            each.kind,
            each.cron,
            each.time_zone,
            each.last and each.last.due_at,
            each.last and each.last.outcome,
            each.last and each.last.job_id,
            each.next_due_at,
        )
        for each in scheduled
    )
    print_table("", columns, rows)


@app.command()
def show(job_id: JobId, as_json: JsonFlag = False) -> None:
    """Show everything known about a job."""
    with _job_engine() as engine:
        job = engine.get(job_id)
    if as_json:
        print_json(job)
        return
    print_summary(replace(job, result=None))
    if job.result:
        print_json(job.result)


@app.command()
def cancel(job_id: JobId, as_json: JsonFlag = False) -> None:
    """Cancel a job; the server that runs it stops its process within seconds."""
    with _job_engine() as engine:
        job = engine.cancel(job_id)
    if as_json:
        print_json(job)
    else:
        typer.echo(f"{job.job_id}: {'cancelled' if job.status.is_final else 'cancel requested'}")


@app.command()
def log(
    job_id: JobId,
    after: Annotated[int, typer.Option(min=0, help="Skip so many lines.")] = 0,
    as_json: JsonFlag = False,
) -> None:
    """Print a job's log."""
    with _job_engine() as engine:
        lines = engine.log_lines(job_id, after)
    if as_json:
        print_json(lines)
        return
    for line in lines:
        typer.echo(line)
