"""routing-ml keys: what programs send instead of a login."""

from typing import Annotated

import typer

from backend.cli.exit_codes import EXIT_CODES_HELP
from backend.cli.output import JsonFlag, print_json, print_table, say
from backend.cli.own_state import own_state
from backend.domain.access import Role

app = typer.Typer(
    help="Make and revoke API keys. A running server follows within two seconds.",
    no_args_is_help=True,
    epilog=EXIT_CODES_HELP,
)


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="What will use it; the audit trail calls it 'key NAME'.")],
    role: Annotated[Role, typer.Option(help="viewer < planner < operator < admin.")] = Role.VIEWER,
    as_json: JsonFlag = False,
) -> None:
    """Make a key and print it, this once: it is sent as 'Authorization: Bearer …'."""
    from backend.domain.clock import utc_now
    from backend.state.api_keys import add_key
    from backend.state.command_actor import command_actor

    key, text = add_key(own_state(), name, role, utc_now(), actor=command_actor())
    if as_json:
        print_json({"key": key, "text": text})
        return
    say(f"The key {key.name} ({role.value}); it is not shown again:")
    typer.echo(text)


@app.command("list")
def list_(as_json: JsonFlag = False) -> None:
    """List the keys, revoked ones too."""
    from backend.state.api_keys import list_keys

    found = list_keys(own_state())
    if as_json:
        print_json(found)
        return
    columns = ("id", "name", "role", "created (UTC)", "last used (UTC)", "revoked (UTC)")
    rows = ((key.key_id, key.name, key.role, key.created_at, key.last_used_at, key.revoked_at) for key in found)
    print_table("", columns, rows)


@app.command()
def revoke(key_id: Annotated[str, typer.Argument(help="The id that 'routing-ml keys list' shows.")]) -> None:
    """Make a key worthless."""
    from backend.domain.clock import utc_now
    from backend.state.api_keys import revoke_key
    from backend.state.command_actor import command_actor

    key = revoke_key(own_state(), key_id, utc_now(), actor=command_actor())
    typer.echo(f"revoked the key {key.name}")
