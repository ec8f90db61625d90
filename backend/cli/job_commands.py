"""routing-ml jobs: list, show, cancel, log."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from backend.cli.exit_codes import EXIT_CODES_HELP
from backend.cli.output import JsonFlag, print_json, print_table
from backend.domain.jobs import JobKind

if TYPE_CHECKING:
    from backend.iter_training.job_store import JobStore

app = typer.Typer(help="Look at and cancel training and evaluation jobs.", no_args_is_help=True, epilog=EXIT_CODES_HELP)

JobId = Annotated[str, typer.Argument(help="A job of 'routing-ml jobs list'.")]


@contextmanager
def _job_store() -> Iterator["JobStore"]:
    """Open the job table without becoming the process that runs the jobs."""
    from backend.domain.clock import utc_now  # noqa: PLC0415
    from backend.iter_training.job_store import JobStore  # noqa: PLC0415
    from backend.settings import load_settings  # noqa: PLC0415
    from backend.state.database import open_state_engine, state_url  # noqa: PLC0415
    from backend.state.migrating import migrate_state  # noqa: PLC0415

    settings = load_settings()
    migrate_state(settings)
    engine = open_state_engine(state_url(settings))
    try:
        yield JobStore(engine, utc_now)
    finally:
        engine.dispose()


@app.command("list")
def list_(
    kind: Annotated[JobKind | None, typer.Option(help="Only jobs of this kind.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="The newest so many.")] = 20,
    as_json: JsonFlag = False,
) -> None:
    """List jobs, newest first."""
    with _job_store() as store:
        jobs = store.list_jobs(kind, limit)
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
def show(job_id: JobId, as_json: JsonFlag = False) -> None:
    """Show everything known about a job."""
    with _job_store() as store:
        job = store.get(job_id)
    if as_json:
        print_json(job)
        return
    from backend.cli.output import fields_of  # noqa: PLC0415

    print_table("", ("field", "value"), fields_of(job))


@app.command()
def cancel(job_id: JobId, as_json: JsonFlag = False) -> None:
    """Cancel a job; the server that runs it stops its process within seconds."""
    with _job_store() as store:
        job = store.request_cancel(job_id)
    if as_json:
        print_json(job)
    else:
        typer.echo(f"{job.job_id}: {job.status.value}, cancel requested")


@app.command()
def log(
    job_id: JobId,
    after: Annotated[int, typer.Option(min=0, help="Skip so many lines.")] = 0,
    as_json: JsonFlag = False,
) -> None:
    """Print a job's log."""
    from backend.iter_training.job_files import JobFiles  # noqa: PLC0415
    from backend.settings import load_settings  # noqa: PLC0415

    with _job_store() as store:
        lines = JobFiles(load_settings()).log_lines(store.get(job_id), after)
    if as_json:
        print_json(lines)
        return
    for line in lines:
        typer.echo(line)
