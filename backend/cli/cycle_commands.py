"""routing-ml quality: list, show, alerts."""

from typing import Annotated

import typer

from backend.cli.cycle_output import print_cycle, print_cycles
from backend.cli.exit_codes import EXIT_CODES_HELP
from backend.cli.output import JsonFlag, print_json, print_table
from backend.cli.own_state import own_state

app = typer.Typer(
    help="Look at quality evaluations, what followed from them, and alerts.",
    no_args_is_help=True,
    epilog=EXIT_CODES_HELP,
)
Limit = Annotated[int, typer.Option(min=1, max=1000, help="The newest so many.")]


@app.command("list")
def list_(limit: Limit = 20, as_json: JsonFlag = False) -> None:
    """List evaluations, newest first, with what the trigger decided and what became of it."""
    from backend.monitoring.cycles import list_cycles

    cycles = list_cycles(own_state(), limit)
    if as_json:
        print_json(cycles)
    else:
        print_cycles(cycles)


@app.command()
def show(
    cycle_id: Annotated[str | None, typer.Argument(help="A cycle of 'routing-ml quality list'; the newest.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Show an evaluation: its figures, alerts, what has changed, and what follows from it."""
    from backend.errors import NoEvaluationError
    from backend.monitoring.cycles import get_cycle, latest_cycle

    cycle = get_cycle(own_state(), cycle_id) if cycle_id else latest_cycle(own_state())
    if cycle is None and cycle_id:
        raise typer.BadParameter("no such cycle; 'routing-ml quality list' names them")
    if cycle is None:
        raise NoEvaluationError
    if as_json:
        print_json(cycle)
    else:
        print_cycle(cycle)


@app.command()
def alerts(limit: Limit = 20, as_json: JsonFlag = False) -> None:
    """List alerts, newest first."""
    from backend.monitoring.cycles import list_alerts

    found = list_alerts(own_state(), limit)
    if as_json:
        print_json(found)
        return
    columns = ("made (UTC)", "severity", "metric", "value", "threshold", "message", "cycle")
    names = ("created_at", "severity", "metric", "value", "threshold", "message", "cycle_id")
    print_table("", columns, (tuple(one[name] for name in names) for one in found))
