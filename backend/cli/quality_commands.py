"""routing-ml train and evaluate: one job each, followed to its end."""

from typing import Annotated, Any

import typer

from backend.cli.exit_codes import EXIT_CODES_HELP, ExitCode
from backend.cli.output import JsonFlag, print_json, say
from backend.domain.jobs import JobKind, JobRecord, JobStatus
from backend.domain.sampling import SamplingStrategy

SampleSize = Annotated[
    int | None, typer.Option(min=1, max=1_000_000, help="Items that are judged; sampling.sample_size when left out.")
]
Strategy = Annotated[
    SamplingStrategy | None, typer.Option(help="How they are chosen; sampling.strategy when left out.")
]


def add_to(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command(epilog=EXIT_CODES_HELP)(train)
    app.command(epilog=EXIT_CODES_HELP)(evaluate)


def train(sample_size: SampleSize = None, strategy: Strategy = None, as_json: JsonFlag = False) -> None:
    """Train challengers, let the gate decide, and deploy the winner; the first model needs no rival."""
    from backend.settings import load_settings

    sampling = load_settings().config.sampling
    parameters = {"sample_size": sample_size or sampling.sample_size, "strategy": strategy or sampling.strategy}
    job = _run(JobKind.TRAINING, parameters, "Training")
    _print_job(job, as_json)
    if not as_json and job.result:
        _print_decision(job.result)


def evaluate(
    sample_size: SampleSize = None,
    strategy: Strategy = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of the choice.")] = None,
    backtest: Annotated[
        bool, typer.Option(help="Score work orders that the model may have learnt from; the report says so.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Score the active model on work orders finished after its data cutoff."""
    from backend.settings import load_settings

    sampling = load_settings().config.sampling
    parameters = {
        "sample_size": sample_size or sampling.sample_size,
        "strategy": strategy or sampling.strategy,
        "seed": sampling.seed if seed is None else seed,
        "backtest": backtest,
    }
    job = _run(JobKind.EVALUATION, parameters, "Evaluating")
    _print_job(job, as_json)
    if not as_json:
        _print_latest_cycle()


def _run(kind: JobKind, parameters: dict[str, Any], title: str) -> JobRecord:
    from backend.cli.job_progress import run_job
    from backend.settings import load_settings

    return run_job(load_settings(), kind, parameters, title)


def _print_job(job: JobRecord, as_json: bool) -> None:
    """Print how a job ended; a failure ends the command."""
    if as_json:
        print_json(job)
    else:
        say(f"{job.status.value}: {job.error or job.current_step}")
    if job.status is not JobStatus.SUCCEEDED:
        raise typer.Exit(ExitCode.FAILED)
