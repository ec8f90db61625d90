"""routing-ml feedback: list, agreement."""

from typing import Annotated

import typer

from backend.cli.exit_codes import EXIT_CODES_HELP
from backend.cli.output import JsonFlag, print_json, print_table, shown
from backend.cli.own_state import own_state
from backend.domain.feedback import ChangeKind, OperationChange, StoredDecision

app = typer.Typer(
    help="Look at what planners decided about proposed routings.",
    no_args_is_help=True,
    epilog=EXIT_CODES_HELP,
)


@app.command("list")
def list_(
    item_code: Annotated[str | None, typer.Option(help="Of this item alone.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="The newest so many.")] = 20,
    as_json: JsonFlag = False,
) -> None:
    """List decisions, newest first: who accepted or edited which routing, and what was changed."""
    from backend.monitoring.feedback import list_decisions

    found = list_decisions(own_state(), limit, item_code=item_code)
    if as_json:
        print_json(found)
        return
    columns = ("made (UTC)", "item", "decision", "planner", "changes", "note", "version")
    print_table("", columns, (_row(stored) for stored in found))


@app.command()
def agreement(
    days: Annotated[int, typer.Option(min=1, max=3650, help="Over the last so many days.")] = 90,
    as_json: JsonFlag = False,
) -> None:
    """Say how far planners agreed with what was proposed."""
    from backend.domain.clock import utc_now
    from backend.monitoring.feedback import planner_agreement

    found = planner_agreement(own_state(), days, utc_now())
    if as_json:
        print_json(found)
    elif found.accepted_share is None or found.process_match is None:
        typer.echo(f"nothing was decided in the last {days} days")
    else:
        typer.echo(
            f"{found.accepted_share:.0%} of {found.decisions:,} decisions in the last {days} days, on {found.items:,} "
            f"items, left the proposal as it was; the operation sequences match to {found.process_match:.1%}"
        )


def _row(stored: StoredDecision) -> tuple[object, ...]:
    made = stored.decision
    changes = "; ".join(map(_in_words, stored.changes))
    item = made.item_code or "(new item)"
    return stored.created_at, item, made.kind, made.planner, changes, made.note, made.model_version


def _in_words(change: OperationChange) -> str:
    """Say what became of an operation.

    >>> from backend.domain.feedback import FieldChange
    >>> _in_words(OperationChange(ChangeKind.CHANGED, "LAP", 2, 2, (FieldChange("setup_minutes", 5.0, 7.5),)))
    'LAP: setup_minutes 5.00 → 7.50'
    >>> _in_words(OperationChange(ChangeKind.MOVED, "LAP", 2, 4))
    'LAP moved from 2 to 4'
    >>> _in_words(OperationChange(ChangeKind.ADDED, "LAP", None, 4))
    'LAP added'
    """
    if change.kind is ChangeKind.MOVED:
        return f"{change.operation_code} moved from {change.proposed_place} to {change.decided_place}"
    if change.kind is not ChangeKind.CHANGED:
        return f"{change.operation_code} {change.kind.value}"
    fields = (f"{one.field} {shown(one.proposed)} → {shown(one.decided)}" for one in change.fields)
    return f"{change.operation_code}: {', '.join(fields)}"
