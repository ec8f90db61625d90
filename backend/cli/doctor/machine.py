"""Checks of the machine: the runbook's section 1.2."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import psutil

from backend.cli.doctor.finding import Finding, Verdict, judged
from backend.cli.ports import port_is_free
from backend.cli.running_servers import find_servers
from backend.monitoring.machine import FULL_BELOW_BYTES

LOWEST_PYTHON: Final = (3, 11)
LOWEST_NODE: Final = (20, 19)
FREE_DISK_GIGABYTES: Final = 10
AVAILABLE_MEMORY_GIGABYTES: Final = 4
FRONTEND_PORT: Final = 5173


def check_python() -> Finding:
    """Compare the running interpreter with the lowest that is supported."""
    found = ".".join(str(part) for part in sys.version_info[:3])
    wanted = ".".join(str(part) for part in LOWEST_PYTHON)
    is_good = sys.version_info >= LOWEST_PYTHON
    return judged("python", is_good, found, f"Install Python {wanted} or newer.", Verdict.FAULT)


def check_node() -> Finding:
    """Look for Node.js, which only the web front end's development needs."""
    program = shutil.which("node")
    if program is None:
        return Finding("node", Verdict.NOTE, "not installed; the server and the command line do not need it")
    printed = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=10, check=False).stdout  # noqa: S603
    numbers = tuple(int(part) for part in re.findall(r"\d+", printed)[:2])
    if numbers >= LOWEST_NODE:
        return Finding("node", Verdict.OK, printed.strip())
    wanted = ".".join(str(part) for part in LOWEST_NODE)
    return Finding("node", Verdict.NOTE, f"{printed.strip()} is older than {wanted}, which building a front end needs")


def check_disk(root: Path) -> Finding:
    """Compare the free disk space below root with what models, logs and backups need."""
    free_bytes = shutil.disk_usage(root).free
    free = free_bytes / 1e9
    remedy = (
        f"Free {FREE_DISK_GIGABYTES} GB: old files are in backups/, old/ and logs/; models.keep_versions is a lever."
    )
    if free_bytes < FULL_BELOW_BYTES:
        detail = f"full, {free:.2f} GB free: jobs, versions and log lines cannot be stored"
        return Finding("disk", Verdict.FAULT, detail, remedy)
    return judged("disk", free > FREE_DISK_GIGABYTES, f"{free:.1f} GB free", remedy)


def check_memory() -> Finding:
    """Compare the available memory with what training beside serving needs."""
    available = psutil.virtual_memory().available / 1e9
    remedy = (
        f"Training needs up to {AVAILABLE_MEMORY_GIGABYTES} GB beside the server; stop other programs or add memory."
    )
    return judged("memory", available > AVAILABLE_MEMORY_GIGABYTES, f"{available:.1f} GB available", remedy)


def check_ports(root: Path, api_port: int) -> Iterator[Finding]:
    """Look at the server's port and the front end's."""
    servers = find_servers(root)
    if servers:
        pids = ", ".join(str(server.pid) for server in servers)
        yield Finding("server", Verdict.OK, f"running as process {pids}")
    elif port_is_free(api_port):
        yield Finding(f"port {api_port}", Verdict.OK, "free; no server of this installation is running")
    else:
        remedy = f"'lsof -i :{api_port}' names it; stop it, or set API_PORT in .env."
        yield Finding(f"port {api_port}", Verdict.WARNING, "taken by another program", remedy)
    free = port_is_free(FRONTEND_PORT)
    detail = "free" if free else "in use (by a front-end development server, perhaps)"
    yield Finding(f"port {FRONTEND_PORT}", Verdict.OK if free else Verdict.NOTE, detail)
