"""The child process by itself: its lifeline, its answers, its limits."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from backend.iter_training.jobs.child_process import ChildProcess, stop_leftover
from backend.iter_training.jobs.job_files import (
    ERROR_FILE,
    LOG_FILE,
    PROGRESS_FILE,
    REQUEST_FILE,
    RESULT_FILE,
    read_json,
    write_json,
)

TOYS = str(Path(__file__).parent)
DEADLINE_SECONDS = 30.0


@pytest.fixture(autouse=True)
def _toys_can_be_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", TOYS, prepend=os.pathsep)


def _attempt(root: Path, **parameters: Any) -> Path:
    folder = root / "attempt_01"
    folder.mkdir()
    request = {"root": str(root), "job_id": "job_1", "kind": "training", "tasks_module": "job_toys"}
    write_json(folder / REQUEST_FILE, request | {"parameters": parameters})
    return folder


def _run(root: Path, **parameters: Any) -> tuple[Path, int]:
    folder = _attempt(root, **parameters)
    with ChildProcess(folder, root, threads=1) as child:
        exit_code = child.wait(DEADLINE_SECONDS)
    assert exit_code is not None
    return folder, exit_code


def _until(condition: Callable[[], Any]) -> Any:
    end = time.monotonic() + DEADLINE_SECONDS
    while not (value := condition()):
        assert time.monotonic() < end, "the deadline has passed"
        time.sleep(0.02)
    return value


def _pids_in_log(folder: Path, count: int) -> list[psutil.Process]:
    def lines() -> list[str]:
        log = folder / LOG_FILE
        text = log.read_text(encoding="utf-8") if log.exists() else ""
        return [line for line in text[: text.rfind("\n") + 1].splitlines() if "runs as" in line]

    _until(lambda: len(lines()) >= count)
    return [psutil.Process(int(line.split()[-1])) for line in lines()]


def _gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_a_task_that_returns_leaves_its_result_and_its_progress(tmp_path: Path) -> None:
    folder, exit_code = _run(tmp_path, seconds=0.1)
    assert exit_code == 0
    assert read_json(folder / RESULT_FILE) == {"result": {"attempt": 1}}
    assert (read_json(folder / PROGRESS_FILE) or {})["step"] == "working"


@pytest.mark.parametrize(
    ("behaviour", "error", "retryable"),
    [
        ({"do": "fail_at_first", "failures": 1}, "ConnectionError: the weather is bad", True),
        ({"do": "lack_data"}, "work orders: 3 found, 200 needed. Wait for more.", False),
        ({"do": "lose_database"}, "cannot use database K3-DB: it is down. Start it.", True),
        ({"do": "return_nonsense"}, "TypeError: Object of type object is not JSON serializable", False),
    ],
)
def test_a_task_that_fails_says_why_and_whether_a_retry_may_help(
    tmp_path: Path, behaviour: dict[str, Any], error: str, *, retryable: bool
) -> None:
    folder, exit_code = _run(tmp_path, **behaviour)
    assert exit_code == 1
    told = read_json(folder / ERROR_FILE) or {}
    assert told["retryable"] is retryable
    assert told["error"].startswith(error)
    assert not (folder / RESULT_FILE).exists()


def test_the_end_of_its_server_ends_the_worker_and_all_it_started(tmp_path: Path) -> None:
    folder = _attempt(tmp_path, do="spawn_and_resist", seconds=60)
    server = subprocess.Popen([sys.executable, "-c", _SERVER, str(folder), str(tmp_path)], stdin=subprocess.DEVNULL)
    try:
        family = _pids_in_log(folder, 2)
    finally:
        server.kill()
        server.wait()
    _until(lambda: all(_gone(process) for process in family))


def test_a_worker_whose_lifeline_failed_is_found_and_stopped(tmp_path: Path) -> None:
    folder = _attempt(tmp_path, seconds=60)
    with ChildProcess(folder, tmp_path, threads=1):
        (worker,) = _pids_in_log(folder, 1)
        stop_leftover(folder)
        _until(lambda: _gone(worker))


def test_another_process_with_the_noted_pid_is_left_alone(tmp_path: Path) -> None:
    write_json(tmp_path / "process.json", {"pid": os.getpid(), "created": 1.0})
    stop_leftover(tmp_path)
    assert psutil.Process().is_running()


def test_the_worker_computes_in_as_many_threads_as_it_may(tmp_path: Path) -> None:
    folder = _attempt(tmp_path, seconds=60)
    with ChildProcess(folder, tmp_path, threads=3):
        (worker,) = _pids_in_log(folder, 1)
        assert worker.environ()["OMP_NUM_THREADS"] == "3"
        assert worker.environ()["OMP_WAIT_POLICY"] == "PASSIVE"


_SERVER = """
import sys, time
from pathlib import Path
from backend.iter_training.jobs.child_process import ChildProcess
child = ChildProcess(Path(sys.argv[1]), Path(sys.argv[2]), 1)
time.sleep(600)
"""
