"""routing-ml serve: the server, with everything it needs made first when asked."""

import os
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING, Annotated, Final

import typer

from backend.cli.exit_codes import EXIT_CODES_HELP, ExitCode
from backend.cli.output import say

if TYPE_CHECKING:
    from backend.settings import Settings


COUNTED_TOGETHER_IN: Final = "PROMETHEUS_MULTIPROC_DIR"
"""An empty folder, in which the workers add up what /metrics says of all of them."""


def add_to(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command(epilog=EXIT_CODES_HELP)(serve)


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on; API_HOST of .env when left out.")] = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port to listen on; API_PORT of .env when left out.")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Server processes.")] = 1,
    prepare: Annotated[
        bool, typer.Option(help="First make what is missing: configuration, demo plant, tables, model.")
    ] = False,
) -> None:
    """Start the server; Ctrl+C stops it."""
    from backend.settings import load_settings

    settings = load_settings()
    host, port = host or settings.env.API_HOST, port or settings.env.API_PORT
    _refuse_a_taken_port(settings, host, port)
    if prepare:
        from backend.cli.preparing import prepare_installation

        prepare_installation(settings)
    _announce(port)
    _become_server(settings, host, port, workers)


def _refuse_a_taken_port(settings: "Settings", host: str, port: int) -> None:
    from backend.cli.ports import port_is_free
    from backend.cli.running_servers import find_servers

    if port_is_free(port, host):
        return
    pids = ", ".join(str(server.pid) for server in find_servers(settings.root))
    if pids:
        remedy = f"This installation's server is running (process {pids}); python scripts/stop_server.py stops it."
    else:
        remedy = f"Stop the program that uses it (lsof -i :{port}), or set another API_PORT in .env."
    say(f"routing-ml: port {port} is already in use. {remedy}")
    raise typer.Exit(ExitCode.WRONG_INPUT)


def _announce(port: int) -> None:
    say(f"Routing ML starts; in a moment it answers on http://localhost:{port} (Ctrl+C stops it)")
    say(f"  API documentation  http://localhost:{port}/docs")


def _become_server(settings: "Settings", host: str, port: int, workers: int) -> None:
    """Turn this process into uvicorn, so that one process id and one Ctrl+C are all there is."""
    command = [sys.executable, "-m", "uvicorn", "backend.api.main:app", "--log-level", "warning", "--host", host]
    command += ["--port", str(port), "--workers", str(workers)]
    environment = os.environ | {"ROUTING_ML_ROOT": str(settings.root), "API_HOST": host}  # it warns by its address
    if workers > 1 and not environment.get(COUNTED_TOGETHER_IN):
        environment[COUNTED_TOGETHER_IN] = tempfile.mkdtemp(prefix="routing-ml-metrics-")
    if os.name == "posix":
        os.execve(sys.executable, command, environment)  # noqa: S606 - our own interpreter and module
    raise typer.Exit(subprocess.run(command, env=environment, check=False).returncode)  # noqa: S603
