"""The commands of routing-ml put together, and errors turned into one line and an exit code."""

import sys
from typing import Annotated, Final

import typer

from backend.cli import (
    backup_commands,
    cycle_commands,
    doctor_command,
    feedback_commands,
    job_commands,
    key_commands,
    model_commands,
    plant_commands,
    prediction_command,
    quality_commands,
    server_command,
    user_commands,
)
from backend.cli.exit_codes import EXIT_CODES_HELP, exit_code_of
from backend.errors import RoutingMLError

app: Final = typer.Typer(
    name="routing-ml",
    help="Predict manufacturing routings with evidence, and keep the prediction good.",
    epilog=EXIT_CODES_HELP,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"routing-ml {version('routing-ml')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    del version


server_command.add_to(app)
plant_commands.add_to(app)
quality_commands.add_to(app)
prediction_command.add_to(app)
doctor_command.add_to(app)
app.add_typer(model_commands.app, name="models")
app.add_typer(job_commands.app, name="jobs")
app.add_typer(cycle_commands.app, name="quality")
app.add_typer(feedback_commands.app, name="feedback")
app.add_typer(backup_commands.app, name="backup")
app.add_typer(user_commands.app, name="users")
app.add_typer(key_commands.app, name="keys")


def run() -> None:
    """Run one command; an error of the product, or of the place, becomes one line on stderr and its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a Windows pipe's own encoding cannot carry Korean
            stream.reconfigure(encoding="utf-8")
    try:
        app()
    except Exception as error:
        own = _own_error(error)
        if own is None:
            raise
        typer.echo(f"routing-ml: {own}", err=True)
        raise SystemExit(exit_code_of(own)) from None


def _own_error(error: Exception) -> RoutingMLError | None:
    if isinstance(error, RoutingMLError):
        return error
    from backend.cli.ordinary_faults import as_own_error

    return as_own_error(error)
