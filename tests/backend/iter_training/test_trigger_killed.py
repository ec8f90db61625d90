"""What a cycle asks for is started exactly once, wherever the process that owns the jobs is killed."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from backend.domain.jobs import JobRecord, JobStatus
from backend.iter_training.jobs.job_engine import JobEngine
from backend.settings import SOURCE_ROOT, load_settings
from backend.state.database import open_state_engine, state_url
from backend.state.tables import cycles
from backend.state.trigger_requests import open_request

TOYS = str(Path(__file__).parent)
DEADLINE_SECONDS = 180.0
VICTIM = """
import sys, time
from pathlib import Path
import psutil
from backend.iter_training.jobs import trigger_answers
from backend.iter_training.jobs.job_engine import JobEngine
from backend.iter_training.jobs.job_files import JobFiles
from backend.monitoring.cycles import store_cycle
from backend.settings import load_settings
from backend.state.database import open_state_engine, state_url
from backend.state.migrating import migrate_state
from tests.backend.iter_training.jobs.test_trigger_answers import RETRAIN, cycle

def die(*_):
    psutil.Process().kill()  # SIGKILL, or TerminateProcess

def settle_and_die(*arguments):
    settle(*arguments)
    die()

settings, moment = load_settings(Path(sys.argv[1])), sys.argv[2]
migrate_state(settings)
settle = trigger_answers.settle
if moment == "claimed, not committed":
    trigger_answers.settle = settle_and_die
if moment == "committed":
    JobFiles.project = die
engine = JobEngine(settings, tasks_module="job_toys", keeps_schedule=True)
store_cycle(open_state_engine(state_url(settings)), cycle(RETRAIN), {"seconds": 0})
if moment == "cycle stored":
    die()
engine.open()
time.sleep(60)
"""


@pytest.fixture(autouse=True)
def _toys_can_be_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(TOYS)
    monkeypatch.setenv("PYTHONPATH", TOYS, prepend=os.pathsep)


@pytest.mark.parametrize("moment", ["cycle stored", "claimed, not committed", "committed"])
def test_the_next_owner_starts_it_exactly_once(tmp_path: Path, moment: str) -> None:
    settings = load_settings(tmp_path)
    settings.make_directories()
    victim = subprocess.run([sys.executable, "-c", VICTIM, str(tmp_path), moment], cwd=SOURCE_ROOT, check=False)
    assert victim.returncode not in {0, 1}, "it was killed"
    state = open_state_engine(state_url(settings))
    with state.connect() as connection:
        assert connection.execute(select(func.count()).select_from(cycles)).scalar_one() == 1
    assert (open_request(state) is None) == (moment == "committed")

    (job,) = _jobs_of_the_next_owner(tmp_path)
    (again,) = _jobs_of_the_next_owner(tmp_path)

    assert job.parameters["asked_by"] == "cycle_1"
    assert (job.job_id, job.status, job.automatic) == (again.job_id, JobStatus.SUCCEEDED, True)
    assert again == job
    state.dispose()


def _jobs_of_the_next_owner(root: Path) -> list[JobRecord]:
    """Let a server own the jobs until what is there has ended; return all jobs."""
    engine = JobEngine(load_settings(root), tasks_module="job_toys", keeps_schedule=True)
    engine.tend()  # what an open engine's thread does every few seconds
    end = time.monotonic() + DEADLINE_SECONDS
    while not all(job.status.is_final for job in engine.list_jobs()):
        assert time.monotonic() < end, "the deadline has passed"
        time.sleep(0.05)
    engine.tend()
    jobs = engine.list_jobs()
    engine.close()
    return jobs
