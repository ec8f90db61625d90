"""routing-ml users: who may log in; works on the state database itself, whether or not a server runs."""

import sys
from typing import Annotated

import typer

from backend.cli.exit_codes import EXIT_CODES_HELP
from backend.cli.output import JsonFlag, print_json, print_table, say
from backend.cli.own_state import own_state
from backend.domain.access import Role, UserChange, plain_name

app = typer.Typer(
    help="Add, change and remove users. A running server follows within two seconds.",
    no_args_is_help=True,
    epilog=EXIT_CODES_HELP,
)

Name = Annotated[str, typer.Argument(help="The user's name; kept in small letters.")]
RoleOption = Annotated[
    Role, typer.Option(help="viewer < planner < operator < admin; each may do what those before it may.")
]
FromStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from stdin's first line, for scripts.")
]


@app.command()
def add(name: Name, role: RoleOption = Role.VIEWER, password_stdin: FromStdin = False) -> None:
    """Add a user; asks for a password of 12 characters or more."""
    from backend.domain.clock import utc_now
    from backend.state.command_actor import command_actor
    from backend.state.passwords import hash_password
    from backend.state.users import add_user, list_users

    name = plain_name(name)
    state = own_state()
    add_user(state, name, hash_password(_new_password(password_stdin), name), role, utc_now(), actor=command_actor())
    typer.echo(f"added {name} as {role.value}")
    if not any(user.role is Role.ADMIN and not user.disabled for user in list_users(state)):
        say("There is no admin yet; 'routing-ml users add NAME --role admin' makes one.")


@app.command("list")
def list_(as_json: JsonFlag = False) -> None:
    """List the users."""
    from backend.state.users import list_users

    found = list_users(own_state())
    if as_json:
        print_json(found)
    elif found:
        rows = ((one.name, one.role, "disabled" if one.disabled else "", one.created_at) for one in found)
        print_table("", ("name", "role", "", "created (UTC)"), rows)
    else:
        typer.echo("there are no users: this machine's own user alone is served, and may do all")


@app.command("set-role")
def set_role(name: Name, role: Annotated[Role, typer.Argument(help="The new role.")]) -> None:
    """Give a user another role."""
    _change(name, UserChange(role=role))


@app.command()
def disable(name: Name) -> None:
    """Keep a user from logging in, and end their sessions."""
    _change(name, UserChange(disabled=True))


@app.command()
def enable(name: Name) -> None:
    """Let a disabled user log in again."""
    _change(name, UserChange(disabled=False))


@app.command()
def password(name: Name, password_stdin: FromStdin = False) -> None:
    """Give a user a new password, and end their sessions."""
    from backend.state.passwords import hash_password

    new = hash_password(_new_password(password_stdin), plain_name(name))
    _change(name, UserChange(password_hash=new))


@app.command()
def remove(name: Name) -> None:
    """Remove a user; what they did stays in the audit trail."""
    from backend.state.command_actor import command_actor
    from backend.state.users import remove_user

    remove_user(own_state(), plain_name(name), actor=command_actor())
    typer.echo(f"removed {plain_name(name)}")


def _change(name: str, change: UserChange) -> None:
    from backend.state.command_actor import command_actor
    from backend.state.users import change_user

    user = change_user(own_state(), plain_name(name), change, actor=command_actor())
    typer.echo(f"{user.name} is {user.role.value}{', disabled' if user.disabled else ''}")


def _new_password(from_stdin: bool) -> str:
    """Ask twice on a terminal; never an argument, which every user of the machine could read."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return str(typer.prompt("New password", hide_input=True, confirmation_prompt=True))
