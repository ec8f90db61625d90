"""Only the servers of one installation are found and stopped."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from backend.cli.running_servers import find_servers, stop_servers

StandIn = Callable[..., "subprocess.Popen[bytes]"]
WAIT_FOR_EVER = "import signal, sys; print(1, flush=True); sys.stdin.read()"
DEAF = "import signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); sys.stdin.read()"


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    """Start a process whose command line is a server's; it is up when its first line is there."""
    with ExitStack() as started:

        def start(app: str, root: Path, program: str = WAIT_FOR_EVER) -> subprocess.Popen[bytes]:
            process = subprocess.Popen(
                [sys.executable, "-c", program, app],
                env={"ROUTING_ML_ROOT": str(root)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            started.enter_context(process)
            started.callback(process.kill)
            assert process.stdout is not None
            process.stdout.readline()
            return process

        yield start


def test_both_forms_of_the_runbook_are_found(stand_in: StandIn, tmp_path: Path) -> None:
    servers = [stand_in("backend.api.main:app", tmp_path), stand_in("api.main:app", tmp_path)]

    assert {found.pid for found in find_servers(tmp_path)} == {server.pid for server in servers}


def test_another_installation_s_server_is_left_alone(stand_in: StandIn, tmp_path: Path) -> None:
    own, other = stand_in("api.main:app", tmp_path / "own"), stand_in("api.main:app", tmp_path / "other")
    stranger = stand_in("somebody.else:app", tmp_path / "own")

    assert stop_servers(tmp_path / "own") == [own.pid]

    assert not psutil.pid_exists(own.pid)
    assert other.poll() is None
    assert stranger.poll() is None


def test_a_server_that_does_not_listen_is_killed(stand_in: StandIn, tmp_path: Path) -> None:
    server = stand_in("api.main:app", tmp_path, DEAF)

    stop_servers(tmp_path, patience_seconds=0.2)

    assert not psutil.pid_exists(server.pid)


def test_stopping_nothing_is_no_error(tmp_path: Path) -> None:
    assert stop_servers(tmp_path) == []
