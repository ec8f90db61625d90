"""Kill a real server with SIGKILL during training, deployment and evaluation; check what it leaves.

    python -m benchmarks.faults_server --kills 50 [--items 400] [--seed 1]

Makes a small demo plant and two model versions in a scratch folder. Then, for each of the three
phases that many rounds: start the server, begin the work (deployment: activate two
versions to and fro), kill the server at a random moment, and
check that no process is left, that the manifest and every file of every version are whole and that
every state.json can be read; the next round's server must answer a prediction. At the end a last
server brings all jobs to their end. Exit code 0 means that nothing untrue was found. Linux and macOS only.
"""

import argparse
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import psutil

from backend.erp.demo import DemoOptions, write_demo_plant
from backend.registry.bundle import write_bundle
from backend.registry.store import ModelStore
from backend.settings import load_settings

START_PATIENCE_SECONDS = 60.0
ORPHAN_PATIENCE_SECONDS = 3.0
END_PATIENCE_SECONDS = 600.0
LONGEST_SECONDS = {"training": 15.0, "deployment": 1.0, "evaluation": 2.5}
"""The phases and the latest moment of a kill in each, about as long as the work takes."""


class Trial:
    """One installation whose server is killed again and again."""

    def __init__(self, root: Path, items: int, seed: int) -> None:
        self.root = root
        self.settings = load_settings(root)
        self.dice = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self.seen = Counter[str]()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=30)
        self.settings.make_directories()
        write_demo_plant(self.settings.plant_database_path, DemoOptions(items=items, seed=seed), lambda *_: None)

    def prepare(self) -> None:
        """Make two versions, so that there is something to activate to and fro."""
        server = self.start_server()
        for _ in range(2):
            self.begin("training")
            poll("a model is trained", END_PATIENCE_SECONDS, lambda: not self.unsettled())
        end(server)
        store = ModelStore(self.settings)
        if len(store.versions()) < 2:  # the gate kept the first: promote the same model as another version
            parts, record = store.load(str(store.manifest().active_version))
            write_bundle(self.root / "again", parts, replace(record, job_id=None))
            store.promote(self.root / "again", actor="trial", reason="a second version for the trial")

    def start_server(self) -> subprocess.Popen[bytes]:
        """Start the server as the runbook does, wait until it answers, and ask it for a prediction."""
        environment = {**os.environ, "ROUTING_ML_ROOT": str(self.root), "OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-m", "uvicorn", "backend.api.main:app", "--port", str(self.port)]
        with (self.root / "server.log").open("ab") as log:
            server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)  # noqa: S603 - our own server
        poll("the server answers", START_PATIENCE_SECONDS, self.answers)
        if (self.settings.models_dir / "manifest.json").exists() and ModelStore(
            self.settings
        ).manifest().active_version:
            poll("the server predicts", START_PATIENCE_SECONDS, self.predicts)
        return server

    def answers(self) -> bool:
        """Tell whether the server answers at all."""
        try:
            return self.client.get("/health").status_code == 200
        except httpx.TransportError:
            return False

    def predicts(self) -> bool:
        """Tell whether a known item is predicted."""
        answer = self.client.post("/api/predict", json={"item_codes": ["ITEM001"]})
        return answer.status_code == 200 and answer.json()["predictions"][0]["status"] == "ok"

    def begin(self, phase: str) -> None:
        """Begin work of a phase unless such work is under way already."""
        if phase == "deployment":
            threading.Thread(target=self._activate_to_and_fro, daemon=True).start()
        elif not self.unsettled():
            path = "/api/training/start" if phase == "training" else "/api/quality/evaluate"
            self.client.post(path, json={"sample_size": 50, "strategy": "random"}).raise_for_status()

    def hurt_once(self, phase: str) -> None:
        """Begin work, kill the server at a random moment of it, and look at what is left."""
        server = self.start_server()
        self.begin(phase)
        time.sleep(self.dice.uniform(0, LONGEST_SECONDS[phase]))
        steps = [f"{job['status']} {job['current_step']}" for job in self.jobs() if job["status"] == "RUNNING"]
        self.seen[f"{phase}: {steps[0] if steps else 'no job is running'}"] += 1
        server.send_signal(signal.SIGKILL)
        server.wait()
        poll("no worker is left", ORPHAN_PATIENCE_SECONDS, lambda: not workers(self.root))
        self.check_disk()

    def check_disk(self) -> None:
        """Raise SystemExit unless the manifest, the active files and every state.json are whole."""
        store = ModelStore(self.settings)
        active = store.manifest().active_version
        if active is None:
            raise SystemExit("UNTRUE: the manifest names no active version")
        store.load(active)
        for path in self.root.glob("data/*_jobs/*/state.json"):
            json.loads(path.read_text(encoding="utf-8"))

    def settle(self) -> None:
        """Let one last server bring every job to its end, check the ends, and stop it."""
        server = self.start_server()
        poll("all jobs have ended", END_PATIENCE_SECONDS, lambda: not self.unsettled())
        problems = [str(problem) for problem in ModelStore(self.settings).verify()]
        failed = [
            f"{job['job_id']} {job['status']}: {job['error']}" for job in self.jobs() if job["status"] != "SUCCEEDED"
        ]
        end(server)
        poll("no process is left", ORPHAN_PATIENCE_SECONDS, lambda: not workers(self.root))
        if problems or failed:
            raise SystemExit("UNTRUE: " + "; ".join(problems + failed))

    def jobs(self) -> list[dict[str, Any]]:
        """Return all jobs of both kinds as the API tells them."""
        found: list[dict[str, Any]] = []
        for kind in ("training", "evaluation"):
            found += self.client.get("/api/training/jobs", params={"kind": kind, "limit": 500}).json()["jobs"]
        return found

    def unsettled(self) -> list[str]:
        """Return the jobs that have not ended."""
        return [job["job_id"] for job in self.jobs() if job["status"] in {"STARTED", "RUNNING"}]

    def _activate_to_and_fro(self) -> None:
        versions = [each["version"] for each in self.client.get("/api/models").json()["versions"]]
        with httpx.Client(base_url=self.client.base_url, timeout=30) as client:
            while True:
                for version in versions:
                    try:
                        client.post(f"/api/models/{version}/activate", json={"reason": "trial"})
                    except httpx.TransportError:
                        return  # the server has been killed: that is the trial


def workers(root: Path) -> list[int]:
    """Return the pids of job processes of this installation."""
    found = []
    for process in psutil.process_iter(["pid", "cmdline"]):
        command = process.info["cmdline"] or []
        if "backend.iter_training.worker" in command and any(str(root) in word for word in command):
            found.append(process.info["pid"])
    return found


def end(server: subprocess.Popen[bytes]) -> None:
    """End a server gracefully."""
    server.terminate()
    server.wait(timeout=60)


def poll(what: str, patience_seconds: float, condition: Callable[[], bool]) -> None:
    """Wait until a condition holds; raise SystemExit when it does not in time."""
    latest = time.monotonic() + patience_seconds
    while not condition():
        if time.monotonic() > latest:
            raise SystemExit(f"UNTRUE: not within {patience_seconds:g} s: {what}")
        time.sleep(0.1)


def main() -> None:
    """Run the trial that the arguments describe and print how often each moment was hit."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=50, help="per phase")
    parser.add_argument("--items", type=int, default=400)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        trial = Trial(Path(scratch), arguments.items, arguments.seed)
        trial.prepare()
        for phase in LONGEST_SECONDS:
            for number in range(1, arguments.kills + 1):
                trial.hurt_once(phase)
                print(f"{phase}: kill {number}/{arguments.kills}", flush=True)
            trial.settle()
        for moment, times in sorted(trial.seen.items()):
            print(f"{times:5}  {moment}")
    print(f"{arguments.kills * len(LONGEST_SECONDS)} kills: every job true, manifest and files whole, 0 processes left")


if __name__ == "__main__":
    main()
