"""routing-ml train, refresh and evaluate: one job each, followed to its end; stale-standards: what the last found."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final

import typer

from backend.cli.cycle_output import print_cycle
from backend.cli.exit_codes import EXIT_CODES_HELP, ExitCode
from backend.cli.output import JsonFlag, print_json, print_table, say
from backend.cli.own_state import own_state
from backend.domain.durations import DurationUnit, unit_for
from backend.domain.jobs import JobKind, JobRecord, JobStatus
from backend.domain.sampling import SamplingStrategy

SampleSize = Annotated[
    int | None, typer.Option(min=1, max=1_000_000, help="Items that are judged; sampling.sample_size when left out.")
]
Strategy = Annotated[
    SamplingStrategy | None, typer.Option(help="How they are chosen; sampling.strategy when left out.")
]
AsOf = Annotated[
    datetime | None,
    typer.Option(
        formats=["%Y-%m-%d"],
        metavar="YYYY-MM-DD",
        help="As if the plant's record ended with that day: to look back, or to freeze a model of the past.",
    ),
]

_WELL_ENDED: Final = (JobStatus.SUCCEEDED, JobStatus.SKIPPED)


def add_to(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command(epilog=EXIT_CODES_HELP)(train)
    app.command(epilog=EXIT_CODES_HELP)(refresh)
    app.command(epilog=EXIT_CODES_HELP)(evaluate)
    app.command(epilog=EXIT_CODES_HELP)(stale_standards)


def train(
    sample_size: SampleSize = None, strategy: Strategy = None, as_of: AsOf = None, as_json: JsonFlag = False
) -> None:
    """Train challengers, let the gate decide, deploy what passes; keeping the champion is no failure."""
    wanted = {"sample_size": sample_size, "strategy": strategy, "as_of": _day(as_of)}
    job = _run(JobKind.TRAINING, wanted, "Training", as_json)
    if job.result and not as_json:
        for sentence in job.result["set_aside"]:
            say(sentence)
        say(_learnt_and_judged(job.result["data_seen"]))
        typer.echo(job.result["reason"])
        typer.echo(f"active: {job.result['version']}" if job.result["promoted"] else "nothing was deployed")


def _learnt_and_judged(data_seen: Mapping[str, Any]) -> str:
    """Say until when work was learnt from, and until when it judged: that is more than asked where lots are rare.

    >>> _learnt_and_judged({"learnt_until": "2024-05-09T22:00:00Z", "judged_until": "2024-12-19T23:00:00Z"})
    'learnt from work finished until 2024-05-09; work until 2024-12-19 was set apart to judge by'
    """
    until, judged = (str(data_seen[name])[:10] for name in ("learnt_until", "judged_until"))
    return f"learnt from work finished until {until}; work until {judged} was set apart to judge by"


def refresh(as_of: AsOf = None, as_json: JsonFlag = False) -> None:
    """Bring the active model's fast layers up to the newest work orders, as a new version; no retraining."""
    job = _run(JobKind.REFRESH, {"as_of": _day(as_of)}, "Refreshing", as_json)
    result = job.result or {}
    if not as_json:
        typer.echo(result["reason"])
        typer.echo(f"active: {result['version']}" if result["promoted"] else "nothing was deployed")
    if job.status is JobStatus.SUCCEEDED and not result["promoted"]:
        raise typer.Exit(ExitCode.ATTENTION)


def evaluate(  # noqa: PLR0913, PLR0917 - each is one option of the command
    sample_size: SampleSize = None,
    strategy: Strategy = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of the choice; sampling.seed when left out.")] = None,
    backtest: Annotated[
        bool, typer.Option(help="Score work orders that the model may have learnt from; the report says so.")
    ] = False,
    as_of: AsOf = None,
    as_json: JsonFlag = False,
) -> None:
    """Score the active model on work orders finished after its data cutoff."""
    wanted = {"sample_size": sample_size, "strategy": strategy, "seed": seed, "as_of": _day(as_of)}
    job = _run(JobKind.EVALUATION, wanted | {"backtest": backtest}, "Evaluating", as_json)
    from backend.domain.quality import CycleStatus

    cycle = job.result or {}
    if not as_json:
        print_cycle(cycle)
    if cycle.get("status") == CycleStatus.INSUFFICIENT_DATA:
        raise typer.Exit(ExitCode.ATTENTION)


def _day(as_of: datetime | None) -> str | None:
    return as_of.date().isoformat() if as_of else None


def _run(kind: JobKind, wanted: dict[str, Any], title: str, as_json: bool) -> JobRecord:
    """Run a job with the configured sampling where nothing else is wanted; a failed one ends the command."""
    from backend.cli.job_progress import run_job
    from backend.settings import load_settings

    settings = load_settings()
    sampling = settings.config.sampling.model_dump()
    given = {name: value for name, value in wanted.items() if value is not None}
    defaults = {name: sampling[name] for name in wanted if name in sampling}
    job = run_job(settings, kind, defaults | given, title)
    if as_json:
        print_json(job)
    elif job.status not in _WELL_ENDED:
        say(f"routing-ml: {kind.value} {job.job_id} ended as {job.status.value}: {job.error or job.current_step}")
    if job.status not in _WELL_ENDED:
        raise typer.Exit(ExitCode.FAILED)
    return job


def stale_standards(
    limit: Annotated[int, typer.Option(min=1, max=1000, help="The costliest so many.")] = 20, as_json: JsonFlag = False
) -> None:
    """List standard times that the shop's own lots contradict, as of the newest evaluation."""
    from backend.errors import NoEvaluationError
    from backend.monitoring.standards import latest_standards

    report = latest_standards(own_state())
    if report is None:
        raise NoEvaluationError
    report["stale"] = report["stale"][:limit]
    if as_json:
        print_json(report)
        return
    typer.echo(f"{report['found']:,} of {report['compared']:,} standards are stale; lots until {report['until']}")
    unit = unit_for(one["standard_minutes_per_lot"] for one in report["stale"])
    standard, lost = f"standard {unit.name}/lot", f"{unit.name}/year"
    columns = ("item", "operation", "centre", standard, "takes", "80 % range", "lots", lost, "newest")
    print_table("", columns, (_standard_row(one, unit) for one in report["stale"]))


def _standard_row(one: dict[str, Any], unit: DurationUnit) -> tuple[Any, ...]:
    operation = " ".join(filter(None, (one["operation_code"], one["operation_name"])))
    takes, span = f"{one['factor']:.0%}", f"{one['low']:.0%} to {one['high']:.0%}"
    standard, lost = unit.shown(one["standard_minutes_per_lot"]), unit.shown(one["minutes_per_year"])
    newest = next(iter(one["work_order_codes"]), None)
    return one["item_code"], operation, one["work_centre"], standard, takes, span, one["lots"], lost, newest
