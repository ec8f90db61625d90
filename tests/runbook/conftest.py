"""Copies of the product as an operator has them: a checkout with its own state, and servers in it."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
import pytest

from backend.registry.bundle import write_bundle
from backend.registry.store import ModelStore
from backend.settings import SOURCE_ROOT, Environment, load_settings

SOURCES = ["backend", "config", "scripts", "migrations", "pyproject.toml", "requirements.txt"]
SOURCES += ["README.md", "LICENSE", "predict_payload.json", "deploy", "deliverables/grafana"]
NOT_SOURCE = shutil.ignore_patterns("__pycache__", "iter_training.yaml", "iter_training.yaml.backup")
SMALL_PLANT = 50
SMALL_CONFIG = """\
# These tests are about commands: a plant as small as possible, and the family that is trained quickest.
training:
  families: ["nearest_neighbour"]
evaluation:
  min_operations: 10
"""
PREPARE = f"""
from backend.cli import preparing
from backend.settings import load_settings
preparing.DEMO_ITEMS = {SMALL_PLANT}
preparing.prepare_installation(load_settings())
"""
"""What 'make run' does before it serves, with a smaller plant."""
DEADLINE_SECONDS = 120.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Installation:
    """One checkout; ports stand for the runbook's 8000 and 8001."""

    root: Path
    ports: dict[str, int] = field(default_factory=lambda: {"8000": free_port(), "8001": free_port()})

    def environment(self) -> dict[str, str]:
        """Return an operator's environment with the virtual environment activated."""
        known = {key: value for key, value in os.environ.items() if key not in Environment.model_fields}
        known.pop("ROUTING_ML_ROOT", None)
        path = f"{Path(sys.executable).parent}{os.pathsep}{known['PATH']}"
        # an operator's 'pip install -e .' points at the checkout; here it points elsewhere, so the path says it
        return known | {"PATH": path, "PYTHONPATH": str(self.root), "OMP_NUM_THREADS": "1", "COLUMNS": "200"}

    def bash(self, script: str) -> subprocess.CompletedProcess[str]:
        """Run a script in the checkout; stderr is part of stdout."""
        for printed, port in self.ports.items():
            script = re.sub(rf"\b{printed}\b", str(port), script)
        return subprocess.run(
            ["bash", "-c", script],
            cwd=self.root,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=DEADLINE_SECONDS * 2,
            check=False,
        )

    @property
    def url(self) -> str:
        """Return where the server of port 8000 is."""
        return f"http://127.0.0.1:{self.ports['8000']}"

    def copy(self, root: Path) -> "Installation":
        """Return a copy with ports of its own; nothing may be running in this one."""
        shutil.copytree(self.root, root, symlinks=True)
        return Installation(root)

    def manifest(self) -> dict[str, object]:
        """Return models/manifest.json."""
        content: dict[str, object] = json.loads((self.root / "models" / "manifest.json").read_text(encoding="utf-8"))
        return content


def wait_for(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not within {DEADLINE_SECONDS:g} s"
        time.sleep(0.1)


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=10).is_success
    except httpx.TransportError:
        return False


@contextmanager
def running_server(installation: Installation, *command: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run the server by a command, else as the runbook does from the project's folder."""
    program, *options = command or ("uvicorn", "backend.api.main:app", "--port", str(installation.ports["8000"]))
    with (installation.root / "server.log").open("ab") as log:
        server = subprocess.Popen(
            [str(Path(sys.executable).parent / program), *options],
            cwd=installation.root,
            env=installation.environment(),
            stdout=log,
            stderr=log,
        )
    try:
        wait_for(lambda: answers(f"{installation.url}/health"), "the server's first answer")
        yield server
    finally:
        server.terminate()
        server.wait(timeout=60)


def copy_sources(root: Path) -> Installation:
    root.mkdir(parents=True)
    for name in SOURCES:
        source = SOURCE_ROOT / name
        if source.is_dir():
            shutil.copytree(source, root / name, ignore=NOT_SOURCE)
        else:
            shutil.copy2(source, root / name)
    return Installation(root)


@pytest.fixture
def fresh(tmp_path: Path) -> Installation:
    """A checkout that nothing was done to."""
    return copy_sources(tmp_path / "checkout")


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """A checkout with a small demo plant and two promoted versions; copied, never served."""
    installation = copy_sources(tmp_path_factory.mktemp("runbook") / "template")
    (installation.root / "config" / "iter_training.yaml").write_text(SMALL_CONFIG, encoding="utf-8")
    made = installation.bash(f"python -c '{PREPARE}'")
    assert made.returncode == 0, made.stdout
    promote_again(installation.root)
    return installation


def promote_again(root: Path) -> None:
    """Promote what serves once more, as if another job had made it, so that there is something to roll back to."""
    store = ModelStore(load_settings(root))
    parts, record = store.load(store.manifest().active_version or "")
    write_bundle(root / "again", parts, replace(record, job_id=None))
    store.promote(root / "again", actor="test", reason="a second version")
    shutil.rmtree(root / "again")


@pytest.fixture
def own(template: Installation, tmp_path: Path) -> Installation:
    """A copy of the template for one test, with no server."""
    return template.copy(tmp_path / "own")


@pytest.fixture(scope="module")
def served(template: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A copy of the template with a server that the tests of one module share."""
    installation = template.copy(tmp_path_factory.mktemp("runbook") / "served")
    with running_server(installation):
        yield installation
