"""The server as the runbook starts it: real processes, real sockets, real signals."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from backend.settings import SOURCE_ROOT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="stops servers with POSIX signals"),
]

DEADLINE_SECONDS = 60.0


class Server:
    """One uvicorn process of an installation, its output redirected as the runbook does it."""

    def __init__(self, root: Path, app: str, folder: Path, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.log = root / "logs/uvicorn.log"
        self.log.parent.mkdir(exist_ok=True)
        command = [sys.executable, "-m", "uvicorn", app, "--port", str(port)]
        environment = os.environ | {"ROUTING_ML_ROOT": str(root)}
        with self.log.open("wb") as output:
            self.process = psutil.Popen(command, cwd=folder, env=environment, stdout=output, stderr=output)

    def get(self, path: str) -> httpx.Response:
        return httpx.get(self.url + path, timeout=10)

    def answers(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        try:
            return self.get("/health").status_code == 200
        except httpx.TransportError:
            return False


StartServer = Callable[..., Server]


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < end, "the deadline has passed"
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def start(tmp_path: Path) -> Iterator[StartServer]:
    started: list[Server] = []

    def start_server(app: str = "backend.api.main:app", folder: Path = SOURCE_ROOT) -> Server:
        started.append(Server(tmp_path, app, folder, free_port()))
        return started[-1]

    yield start_server
    for server in started:
        if server.process.poll() is None:
            server.process.kill()
        server.process.wait(30)


def test_both_ways_of_starting_work_at_the_same_time_and_one_owns_the_jobs(start: StartServer) -> None:
    first, second = start(), start("api.main:app", SOURCE_ROOT / "backend")
    until(first.answers)
    until(second.answers)
    owners = [server.get("/health").json()["owns_jobs"] for server in (first, second)]

    assert sorted(owners) == [False, True]


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_server_leaves_no_process_even_with_a_job_and_a_listener(
    start: StartServer, sent: signal.Signals
) -> None:
    server = start()
    until(server.answers)
    started = httpx.post(f"{server.url}/api/training/start", json={"sample_size": 10}, timeout=10)
    job_id = started.json()["job_id"]
    with httpx.stream("GET", f"{server.url}/api/training/jobs/{job_id}/events", timeout=30) as stream:
        next(stream.iter_bytes())
        processes = [server.process, *server.process.children(recursive=True)]
        server.process.send_signal(sent)
        _gone, alive = psutil.wait_procs(processes, timeout=DEADLINE_SECONDS)

    assert alive == []
    assert "Traceback" not in server.log.read_text()


def test_a_log_is_followed_and_the_follower_holds_up_no_stop(start: StartServer) -> None:
    server = start()
    until(server.answers)
    page = server.get("/api/logs?source=server&limit=1").json()
    address = f"{server.url}/api/logs/events?source=server&text=asked-by-us&after={page['follow_from']}"
    with httpx.stream("GET", address, timeout=30) as stream:
        httpx.get(f"{server.url}/api/models", headers={"X-Request-ID": "asked-by-us"}, timeout=10)
        lines = stream.iter_lines()
        entry = next(line for line in lines if line.startswith("data:") and "GET /api/models" in line)
        server.process.send_signal(signal.SIGTERM)
        gone, _alive = psutil.wait_procs([server.process], timeout=DEADLINE_SECONDS)

    assert '"request_id":"asked-by-us"' in entry
    assert gone == [server.process]


def test_the_redirected_log_can_be_emptied_under_the_server(start: StartServer) -> None:
    server = start()
    until(server.answers)
    os.truncate(server.log, 0)
    server.get("/api/models")
    until(lambda: "GET /api/models" in server.log.read_text())

    assert b"\x00" not in server.log.read_bytes()


def test_a_refused_setting_ends_the_start_with_one_plain_line(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config/iter_training.yaml").write_text("queue: {max_sise: 3}\n")
    command = [sys.executable, "-m", "uvicorn", "backend.api.main:app", "--port", str(free_port())]
    environment = os.environ | {"ROUTING_ML_ROOT": str(tmp_path)}
    ended = subprocess.run(
        command, cwd=SOURCE_ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60
    )

    assert ended.returncode != 0
    assert "queue.max_sise" in ended.stderr
    assert "Traceback" not in ended.stderr
