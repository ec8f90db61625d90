"""Finding and stopping the servers of this very installation, and no other process."""

import os
import sys
from pathlib import Path
from typing import Final

import psutil

from backend.settings import SOURCE_ROOT

APP_NAMES: Final = frozenset({"backend.api.main:app", "api.main:app"})
"""Both ways in which the runbook starts uvicorn."""

STOP_PATIENCE_SECONDS: Final = 15.0


def find_servers(root: Path) -> list[psutil.Process]:
    """Return the uvicorn processes that serve the installation at root."""
    return [process for process in psutil.process_iter() if _serves(process, root)]


def stop_servers(root: Path, patience_seconds: float = STOP_PATIENCE_SECONDS) -> list[int]:
    """Stop this installation's servers: ask first, kill what stays; returns their process ids."""
    servers = find_servers(root)
    for server in servers:
        _end(server, kill=False)
    _gone, alive = psutil.wait_procs(servers, timeout=patience_seconds)
    for server in alive:
        _end(server, kill=True)
    psutil.wait_procs(alive, timeout=patience_seconds)
    return [server.pid for server in servers]


def _end(process: psutil.Process, *, kill: bool) -> None:
    try:
        process.kill() if kill else process.terminate()
    except psutil.NoSuchProcess:
        return


def _serves(process: psutil.Process, root: Path) -> bool:
    try:
        if process.pid == os.getpid() or not APP_NAMES.intersection(process.cmdline()):
            return False
        return _root_of(process) == root.resolve()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def _root_of(process: psutil.Process) -> Path | None:
    """Return where a server keeps its state: as it was told, else the checkout it was started in.

    A server started outside any checkout runs its interpreter's installation: ours, or unknown.
    """
    told = process.environ().get("ROUTING_ML_ROOT")
    if told:
        return Path(told).resolve()
    cwd = Path(process.cwd())
    checkouts = [folder for folder in (cwd, *cwd.parents) if (folder / "backend" / "settings.py").is_file()]
    if checkouts:
        return checkouts[0].resolve()
    return SOURCE_ROOT if process.cmdline()[0] == sys.executable else None
