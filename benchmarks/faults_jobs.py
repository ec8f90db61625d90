"""Kill the owner of the job engine with SIGKILL at random moments and check that every job stays true.

    python benchmarks/faults_jobs.py --kills 50 [--seed 1] [--root FOLDER]

Each round starts an owner process with toy tasks, queues and cancels a few jobs from a client, kills
the owner, and checks that no child is left and every state.json can be read. At the end one more
owner brings all jobs to their end; then rows, state files and what the toys did must agree.
Exit code 0 means that nothing untrue was found. Linux and macOS only.
"""

import argparse
import fcntl
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from backend.domain.jobs import JobKind, JobRecord, JobStatus
from backend.errors import IllegalJobMoveError, QueueFullError
from backend.iter_training.jobs.job_engine import JobEngine
from backend.iter_training.jobs.job_files import FOLDERS, job_as_dict
from backend.iter_training.task_context import TaskContext
from backend.settings import Settings, load_settings

ORPHAN_PATIENCE_SECONDS = 2.0
END_PATIENCE_SECONDS = 120.0


def _toy(context: TaskContext) -> dict[str, Any]:
    """Work for a while under a lock that fails if the same job or kind ever runs twice at a time."""
    with (context.settings.data_dir / f"{context.folder.parent.parent.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            (context.settings.data_dir / "OVERLAP").write_text(context.job_id, encoding="utf-8")
        end = time.monotonic() + context.parameters["seconds"]
        while time.monotonic() < end:
            context.report(0.5, f"{end - time.monotonic():.2f} s left")
            time.sleep(0.01)
    return {"folder": context.folder.name}


def _finish(settings: Settings, job: JobRecord, _folder: Path, result: dict[str, Any]) -> dict[str, Any]:
    """Deploy once however often it is called, as the real finisher does."""
    mark = settings.data_dir / "deployed" / job.job_id
    mark.parent.mkdir(exist_ok=True)
    time.sleep(job.parameters["seconds"] / 4)
    mark.touch()
    time.sleep(job.parameters["seconds"] / 4)
    return result


TASKS = {kind.value: _toy for kind in JobKind}
FINISHERS = {kind.value: _finish for kind in JobKind}


def own_until_killed(root: Path) -> None:
    """Be an owner process: run jobs until a signal ends it."""
    engine = JobEngine(load_settings(root), tasks_module="faults_jobs")
    engine.open()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        while True:
            time.sleep(60)
    finally:
        engine.close()


class Trial:
    """One installation that is hurt again and again."""

    def __init__(self, root: Path, seed: int) -> None:
        self.root = root
        self.dice = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self.client = JobEngine(load_settings(root), tasks_module="faults_jobs", may_own=False)
        self.client.open()
        self.cancelled: set[str] = set()
        self.refused = 0

    def start_owner(self) -> subprocess.Popen[bytes]:
        """Start a process that owns the engine."""
        python_path = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
        environment = {**os.environ, "PYTHONPATH": python_path}
        command = [sys.executable, str(Path(__file__)), "--own", str(self.root)]
        return subprocess.Popen(  # noqa: S603 - this very file
            command, env=environment, stdin=subprocess.DEVNULL
        )

    def hurt_once(self, longest_seconds: float) -> None:
        """Start an owner, keep it busy, kill it at a random moment, and look at what is left."""
        owner = self.start_owner()
        end = time.monotonic() + self.dice.uniform(0.3, longest_seconds)
        while time.monotonic() < end:
            self._act()
            time.sleep(self.dice.uniform(0, 0.4))
        if owner.poll() is not None:
            raise SystemExit(f"UNTRUE: the owner ended by itself with exit code {owner.returncode}")
        owner.send_signal(signal.SIGKILL)
        owner.wait()
        _poll("children of the killed owner are gone", ORPHAN_PATIENCE_SECONDS, lambda: not self.children())
        for path in self.root.glob("data/*_jobs/*/state.json"):
            json.loads(path.read_text(encoding="utf-8"))

    def settle(self) -> None:
        """Let one last owner bring every job to its end, then end it gracefully."""
        owner = self.start_owner()
        try:
            _poll("all jobs have ended", END_PATIENCE_SECONDS, lambda: not self.unsettled())
        finally:
            owner.terminate()
            owner.wait()
        _poll("no process is left", ORPHAN_PATIENCE_SECONDS, lambda: not self.children())

    def unsettled(self) -> list[str]:
        """Return the jobs that have not ended or whose state.json does not tell the row yet."""
        return [job.job_id for job in self._jobs() if not job.status.is_final or self._state(job) != job_as_dict(job)]

    def children(self) -> list[int]:
        """Return the pids of workers of this installation."""
        found = []
        for process in psutil.process_iter(["pid", "cmdline", "status"]):
            command = process.info["cmdline"] or []
            if "backend.iter_training.worker" in command and any(str(self.root) in word for word in command):
                found.append(process.info["pid"])
        return found

    def untruths(self) -> list[str]:
        """Return what is wrong with the ended jobs, in words."""
        wrong = ["two attempts of one kind ran at the same time"] if (self.root / "data/OVERLAP").exists() else []
        deployed = {path.name for path in self.root.glob("data/deployed/*")}
        for job in self._jobs():
            allowed = {JobStatus.SUCCEEDED} | ({JobStatus.CANCELLED} if job.job_id in self.cancelled else set())
            if job.status not in allowed:
                wrong.append(f"{job.job_id} is {job.status}: {job.error}")
            if (job.status is JobStatus.SUCCEEDED) != (job.job_id in deployed):
                wrong.append(f"{job.job_id} is {job.status} but deployed: {job.job_id in deployed}")
            if job.status is JobStatus.SUCCEEDED and job.progress != 100:
                wrong.append(f"{job.job_id} succeeded at {job.progress} %")
        return wrong

    def summary(self) -> str:
        """Say what happened, in one line."""
        jobs = self._jobs()
        ends = ", ".join(f"{count} {status}" for status, count in Counter(job.status.value for job in jobs).items())
        return f"{len(jobs)} jobs ({ends}), {sum(job.attempt for job in jobs)} attempts, {self.refused} refused as full"

    def _act(self) -> None:
        waiting = self.client.list_jobs(limit=6)
        try:
            if waiting and self.dice.random() < 0.15:
                job_id = self.dice.choice(waiting).job_id
                self.client.cancel(job_id)
                self.cancelled.add(job_id)
            elif self.dice.random() < 0.5:
                self.client.start(self.dice.choice(list(JobKind)), {"seconds": self.dice.uniform(0, 1.2)})
        except QueueFullError:
            self.refused += 1
        except IllegalJobMoveError:
            return  # it ended, or its result is being stored, before it could be cancelled

    def _jobs(self) -> list[JobRecord]:
        return self.client.list_jobs(limit=100_000)

    def _state(self, job: JobRecord) -> object:
        path = self.root / "data" / FOLDERS[job.kind] / job.job_id / "state.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def _poll(what: str, patience_seconds: float, condition: Callable[[], bool]) -> None:
    end = time.monotonic() + patience_seconds
    while not condition():
        if time.monotonic() > end:
            raise SystemExit(f"UNTRUE: not within {patience_seconds:g} s: {what}")
        time.sleep(0.05)


def main() -> None:
    """Run the trial that the arguments describe."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--longest-seconds", type=float, default=4, help="the latest moment of a kill")
    parser.add_argument("--root", type=Path)
    parser.add_argument("--own", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.own:
        own_until_killed(arguments.own)
        return
    with tempfile.TemporaryDirectory() as scratch:
        trial = Trial(arguments.root or Path(scratch), arguments.seed)
        for number in range(1, arguments.kills + 1):
            trial.hurt_once(arguments.longest_seconds)
            print(f"kill {number}/{arguments.kills}: {trial.summary()}", flush=True)
        trial.settle()
        wrong = trial.untruths()
        print(trial.summary())
        trial.client.close()
    print("\n".join(wrong) or "every job's row, state.json and processes are true; 0 orphans")
    raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()
