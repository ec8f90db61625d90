"""Who runs the jobs when several processes share an installation, and what happens when they die."""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from backend.domain.jobs import JobKind, JobStatus
from backend.iter_training.jobs.job_engine import JobEngine
from backend.settings import SOURCE_ROOT, load_settings

TOYS = str(Path(__file__).parent)
DEADLINE_SECONDS = 180.0
OWN = """
import sys, time
from pathlib import Path
from backend.iter_training.jobs.job_engine import JobEngine
from backend.settings import load_settings
engine = JobEngine(load_settings(Path(sys.argv[1])), tasks_module="job_toys")
engine.open()
print(engine.owns_jobs, flush=True)
sys.stdin.read()
engine.close()
"""
SUBMIT = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from backend.domain.jobs import JobKind
from backend.errors import QueueFullError
from backend.iter_training.jobs.job_engine import JobEngine
from backend.settings import load_settings
engine = JobEngine(load_settings(Path(sys.argv[1])), tasks_module="job_toys", may_own=False)
engine.open()
def submit(number):
    try:
        return engine.start(JobKind.TRAINING, {"number": number}).job_id
    except QueueFullError:
        return "full"
print("ready", flush=True)
sys.stdin.readline()
with ThreadPoolExecutor(3) as pool:
    print(*pool.map(submit, range(3)))
engine.close()
"""
LOOK = """
import sys
from pathlib import Path
from backend.iter_training.jobs.job_engine import JobEngine
from backend.settings import load_settings
engine = JobEngine(load_settings(Path(sys.argv[1])), may_own=False)
engine.open()
engine.list_jobs()
engine.close()
print("dbos" in sys.modules)
"""


@pytest.fixture(autouse=True)
def _toys_can_be_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(TOYS)
    monkeypatch.setenv("PYTHONPATH", TOYS, prepend=os.pathsep)


@pytest.fixture
def processes() -> Iterator[list[subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []
    yield started
    for process in started:
        process.kill()
        process.communicate()


def _run(script: str, root: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", script, str(root)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=SOURCE_ROOT)


def _engine(root: Path, *, may_own: bool = True) -> JobEngine:
    return JobEngine(load_settings(root), tasks_module="job_toys", may_own=may_own)


def _until(condition: Callable[[], Any]) -> Any:
    end = time.monotonic() + DEADLINE_SECONDS
    while not (value := condition()):
        assert time.monotonic() < end, "the deadline has passed"
        time.sleep(0.02)
    return value


def _word(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def _check_interruption(root: Path) -> None:
    """Close an owner in the middle of a job, open the next one, and see the job through."""
    first = _engine(root)
    first.open()
    job = first.start(JobKind.TRAINING, {"seconds": 2})
    _until(lambda: first.get(job.job_id).progress > 0)
    first.close()

    second = _engine(root, may_own=False)
    second.open()
    left = second.get(job.job_id)
    assert (left.status, left.owner, left.failures) == (JobStatus.STARTED, None, 0)
    assert "interrupted" in left.current_step
    second.close()

    third = _engine(root)
    third.open()
    done = third.wait(job.job_id)
    third.close()
    assert (done.status, done.attempt, done.failures) == (JobStatus.SUCCEEDED, 2, 0)


def test_a_graceful_end_interrupts_a_job_and_the_next_owner_goes_on(tmp_path: Path) -> None:
    _check_interruption(tmp_path)


def test_the_same_on_postgresql(tmp_path: Path, postgresql_url: str) -> None:
    (tmp_path / ".env").write_text(f"STATE_DATABASE_URL={postgresql_url}\n", encoding="utf-8")
    _check_interruption(tmp_path)


def test_one_owns_and_the_other_takes_over_when_it_is_killed(
    tmp_path: Path, processes: list[subprocess.Popen[str]]
) -> None:
    owner = _run(OWN, tmp_path)
    processes.append(owner)
    assert _word(owner) == "True"
    engine = _engine(tmp_path)
    engine.open()
    assert not engine.owns_jobs
    job = engine.start(JobKind.TRAINING, {"seconds": 1.5})
    _until(lambda: engine.get(job.job_id).progress > 0)

    owner.kill()
    done = engine.wait(job.job_id)

    assert engine.owns_jobs
    assert (done.status, done.attempt, done.failures) == (JobStatus.SUCCEEDED, 2, 0)
    engine.close()


def test_with_no_owner_alive_a_running_job_is_cancelled_at_once(
    tmp_path: Path, processes: list[subprocess.Popen[str]]
) -> None:
    owner = _run(OWN, tmp_path)
    processes.append(owner)
    assert _word(owner) == "True"
    client = _engine(tmp_path, may_own=False)
    client.open()
    job = client.start(JobKind.TRAINING, {"seconds": 60})
    _until(lambda: client.get(job.job_id).progress > 0)  # while its process begins, that holds the owner's lock too
    owner.kill()
    owner.wait()
    assert client.cancel(job.job_id).status is JobStatus.CANCELLED
    client.close()


@pytest.mark.slow
def test_of_twelve_racing_submitters_exactly_max_size_are_accepted(
    tmp_path: Path, processes: list[subprocess.Popen[str]]
) -> None:
    _check_race(tmp_path, processes)


@pytest.mark.slow
def test_the_race_has_the_same_end_on_postgresql(
    tmp_path: Path, postgresql_url: str, processes: list[subprocess.Popen[str]]
) -> None:
    (tmp_path / ".env").write_text(f"STATE_DATABASE_URL={postgresql_url}\n", encoding="utf-8")
    _check_race(tmp_path, processes)


def _check_race(root: Path, processes: list[subprocess.Popen[str]]) -> None:
    processes += [_run(SUBMIT, root) for _ in range(4)]
    assert [_word(process) for process in processes] == ["ready"] * 4
    answers = Counter(word for process in processes for word in process.communicate("go\n")[0].split())
    assert answers.pop("full") == 9
    client = _engine(root, may_own=False)
    client.open()
    assert sorted(answers) == sorted(job.job_id for job in client.list_jobs())
    client.close()


def test_a_process_that_only_looks_does_not_load_the_engine(tmp_path: Path) -> None:
    assert subprocess.check_output([sys.executable, "-c", LOOK, str(tmp_path)], text=True).strip() == "False"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL and fcntl are POSIX")
def test_jobs_stay_true_when_their_server_is_killed_at_random(tmp_path: Path) -> None:
    trial = SOURCE_ROOT / "benchmarks" / "faults_jobs.py"
    command = [sys.executable, str(trial), "--kills", "3", "--longest-seconds", "2.5", "--root", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


ON_PYTHON_3_12 = """
import sqlite3, sys
from pathlib import Path
import alembic.command, click, croniter, dateutil.parser, psycopg, yaml
from backend.domain.jobs import JobKind
from backend.iter_training.jobs.job_engine import JobEngine
from backend.settings import load_settings
engine = JobEngine(load_settings(Path(sys.argv[1])), tasks_module="job_toys")
sys.version_info = (3, 12, 0, "final", 0)
sqlite3.sqlite_version_info = (3, 40, 1)
engine.open()
print(engine.wait(engine.start(JobKind.TRAINING, {}).job_id).status)
engine.close()
"""


def test_jobs_run_where_dbos_wants_a_newer_sqlite(tmp_path: Path) -> None:
    """DBOS calls unixepoch('subsec') on Python 3.12 and later; the SQLite of Debian 12 does not know it."""
    answer = subprocess.check_output([sys.executable, "-c", ON_PYTHON_3_12, str(tmp_path)], text=True)
    assert answer.strip() == "SUCCEEDED"
