import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from backend.settings import Settings
from backend.state.api_keys import find_key
from backend.state.audit import list_audit
from backend.state.command_actor import command_actor
from backend.state.database import open_state_engine, state_url
from backend.state.passwords import is_password
from backend.state.users import find_login
from tests.backend.cli.conftest import RoutingMl

PASSWORD = "correct horse battery"


@pytest.fixture
def add(root: Path) -> RoutingMl:
    """Run the command line with a password on its standard input."""

    def run(*arguments: str, password: str = PASSWORD) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", "from backend.cli import main; main()", *arguments, "--password-stdin"]
        return subprocess.run(
            command,
            env=os.environ | {"ROUTING_ML_ROOT": str(root), "NO_COLOR": "1"},
            input=password + "\n",
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


def test_the_first_admin_is_made_without_a_server(settings: Settings, add: RoutingMl, routing_ml: RoutingMl) -> None:
    viewer = add("users", "add", "Lee")
    assert (viewer.returncode, viewer.stdout) == (0, "added lee as viewer\n")
    assert "There is no admin yet" in viewer.stderr
    admin = add("users", "add", "kim", "--role", "admin")
    assert (admin.returncode, admin.stderr) == (0, "")
    listed = json.loads(routing_ml("users", "list", "--json").stdout)
    assert [(user["name"], user["role"]) for user in listed] == [("kim", "admin"), ("lee", "viewer")]
    state = open_state_engine(state_url(settings))
    found = find_login(state, "kim")
    assert found is not None
    assert is_password(PASSWORD, found[1])
    assert [(entry.actor, entry.action, entry.subject) for entry in list_audit(state)] == [
        (command_actor(), "user.add", "kim"),
        (command_actor(), "user.add", "lee"),
    ]
    state.dispose()


def test_users_are_changed_and_the_last_admin_stays(settings: Settings, add: RoutingMl, routing_ml: RoutingMl) -> None:
    add("users", "add", "kim", "--role", "admin")
    for command in (("set-role", "kim", "viewer"), ("disable", "kim"), ("remove", "kim")):
        refused = routing_ml("users", *command)
        assert refused.returncode == 1
        assert "nobody else is an admin" in refused.stderr
    add("users", "add", "lee")
    assert routing_ml("users", "set-role", "lee", "operator").stdout == "lee is operator\n"
    assert routing_ml("users", "disable", "lee").stdout == "lee is operator, disabled\n"
    assert routing_ml("users", "enable", "lee").stdout == "lee is operator\n"
    assert add("users", "password", "lee", password="a new long password").returncode == 0
    state = open_state_engine(state_url(settings))
    found = find_login(state, "lee")
    assert found is not None
    assert is_password("a new long password", found[1])
    state.dispose()
    assert routing_ml("users", "remove", "lee").returncode == 0
    assert routing_ml("users", "disable", "lee").returncode == 2


@pytest.mark.parametrize(("name", "password"), [("local", PASSWORD), ("kim", "short"), ("kim", "")])
def test_a_user_that_cannot_be_is_a_wrong_input(settings: Settings, add: RoutingMl, name: str, password: str) -> None:
    answer = add("users", "add", name, password=password)
    assert answer.returncode == 2
    assert answer.stderr.startswith("routing-ml: choose another")
    assert settings


def test_a_key_is_printed_once_and_can_be_revoked(settings: Settings, routing_ml: RoutingMl) -> None:
    made = routing_ml("keys", "add", "prometheus")
    text = made.stdout.strip()
    state = open_state_engine(state_url(settings))
    found = find_key(state, text)
    assert found is not None
    assert (found.name, found.role) == ("key prometheus", "viewer")
    listed = routing_ml("keys", "list", "--json").stdout
    assert text[17:] not in listed
    assert routing_ml("keys", "add", "prometheus").returncode == 2
    assert routing_ml("keys", "revoke", json.loads(listed)[0]["key_id"]).returncode == 0
    assert find_key(state, text) is None
    state.dispose()
