"""Commands are put down to the operating system's user, and to nobody in particular where there is none."""

import getpass

import pytest

from backend.state.command_actor import command_actor


def test_commands_are_put_down_to_the_user_of_the_operating_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "kim")
    assert command_actor() == "cli:kim"


@pytest.mark.parametrize("error", [KeyError("uid not found: 1234"), ImportError("pwd"), OSError("no username set")])
def test_a_machine_without_user_names_is_no_error(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def nobody() -> str:
        raise error

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert command_actor() == "cli:unknown"


def test_a_name_of_any_length_fits_the_audit_trail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "k" * 500)
    assert len(command_actor()) == 120
