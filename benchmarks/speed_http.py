"""A real server under load, and an empty one beside it."""

import contextlib
import json
import socket
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import httpx
import psutil

from backend.settings import SOURCE_ROOT
from benchmarks.installation import as_server, measure
from benchmarks.running import PartFailedError

SECONDS: Final = 12.0
WARM_UP_SECONDS: Final = 3.0
CONNECTIONS: Final = 10
BULK: Final = 1000
BULK_SECONDS: Final = 8.0
START_PATIENCE_SECONDS: Final = 120.0
SERVE: Final = ("-c", "from backend.cli import main; main()", "serve", "--workers", "1", "--host", "127.0.0.1")
EMPTY: Final = ("-m", "uvicorn", "benchmarks.empty_app:app", "--log-level", "warning", "--workers", "1")


def load_server(root: Path, codes: Sequence[str]) -> dict[str, Any]:
    """Return figures of `routing-ml serve` with one worker, single items and 1,000 in one request."""
    measured: dict[str, Any] = {}
    with running_server(SERVE, as_server(root), codes[0]) as (process, port):
        measured["rss_loaded"] = _resident(process)
        for evidence in (True, False):
            _load(process, port, [_body([code], evidence) for code in codes], CONNECTIONS, WARM_UP_SECONDS)
            singles = _load(process, port, [_body([code], evidence) for code in codes], CONNECTIONS, SECONDS)
            measured |= _named(f"single, evidence {'on' if evidence else 'off'}", singles)
        for evidence in (True, False):
            bulk = _load(process, port, [_body(codes[:BULK], evidence)], 1, BULK_SECONDS)
            measured |= _named(f"bulk, evidence {'on' if evidence else 'off'}", bulk)
        measured["rss_after"] = _resident(process)
        measured["rss_peak"] = _peak(process) or measured["rss_after"]
    return measured


def load_empty(root: Path, single_bytes: int, bulk_bytes: int) -> dict[str, Any]:
    """Return the same figures of a route that answers at once with bodies of the same sizes."""
    measured: dict[str, Any] = {}
    for name, size, connections in (("single", single_bytes, CONNECTIONS), ("bulk", bulk_bytes, 1)):
        environment = as_server(root) | {"BENCHMARK_BODY_BYTES": str(size)}
        with running_server(EMPTY, environment, "any") as (process, port):
            bodies = [_body(["any"], evidence=True)]
            _load(process, port, bodies, connections, 1.0)
            measured |= _named(name, _load(process, port, bodies, connections, SECONDS / 2))
            measured["rss"] = _resident(process)
    return measured


@contextlib.contextmanager
def running_server(
    command: Sequence[str], environment: dict[str, str], code: str
) -> Iterator[tuple[psutil.Process, int]]:
    """Start a server on a free port, wait until it predicts, and end it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    with tempfile.TemporaryFile() as log:
        started = psutil.Popen(
            [sys.executable, *command, "--port", str(port)], cwd=SOURCE_ROOT, env=environment, stdout=log, stderr=log
        )
        try:
            if not _comes_up(started, port, code):
                log.seek(0)
                raise PartFailedError(f"the server does not predict: {log.read()[-2000:].decode(errors='replace')}")
            yield started, port
        finally:
            _end(started)


def _end(process: psutil.Process) -> None:
    """End a server; on Windows it is the child of the process that was started."""
    family = [*process.children(recursive=True), process]
    for each in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            each.terminate()
    for each in psutil.wait_procs(family, timeout=30)[1]:
        each.kill()


def _comes_up(process: psutil.Process, port: int, code: str) -> bool:
    end = time.monotonic() + START_PATIENCE_SECONDS
    while time.monotonic() < end and process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        with contextlib.suppress(httpx.TransportError):
            url = f"http://127.0.0.1:{port}/api/predict"
            if httpx.post(url, json={"item_codes": [code]}, timeout=30).status_code == httpx.codes.OK:
                return True
        time.sleep(0.1)
    return False


def _load(process: psutil.Process, port: int, bodies: list[str], connections: int, seconds: float) -> dict[str, Any]:
    """Load the server from a process of its own; add what the server's process spent meanwhile."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as scratch:
        file = Path(scratch, "bodies.json")
        file.write_text(json.dumps(bodies), encoding="utf-8")
        before = _cpu_seconds(process)
        arguments = [str(port), str(seconds), str(connections), str(file)]
        measured = measure("http_client", arguments, as_server(Path(scratch)))
        measured["server_cpu_seconds"] = _cpu_seconds(process) - before
    return measured


def _body(codes: Sequence[str], evidence: bool) -> str:
    return json.dumps({"item_codes": list(codes), "evidence": evidence}, ensure_ascii=False)


def _named(prefix: str, values: dict[str, Any]) -> dict[str, Any]:
    return {f"{prefix}, {name}": value for name, value in values.items()}


def _cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _resident(process: psutil.Process) -> float:
    """Return what a process and its children hold in memory, in MB."""
    return float(sum(each.memory_info().rss for each in (process, *process.children(recursive=True))) / 1e6)


def _peak(process: psutil.Process) -> float | None:
    """Return the most that a process has held, in MB, where the system keeps count."""
    if sys.platform == "linux":
        status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
        line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024 / 1e6
    return float(process.memory_info().peak_wset / 1e6) if sys.platform == "win32" else None
