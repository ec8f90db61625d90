"""A throw-away installation on a kept demo plant, and measurements in child processes."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL

from backend.iter_training.jobs.child_process import job_environment
from backend.settings import SOURCE_ROOT, Settings, load_settings
from benchmarks.machine import THREAD_VARIABLES
from benchmarks.options import Options
from benchmarks.plants import demo_plant
from benchmarks.running import PartFailedError


@contextmanager
def fresh_installation(options: Options, items: int, seed: int) -> Iterator[Settings]:
    """Make an installation without model or history whose ERP is a kept demo plant, told by DATABASE_URL."""
    database = demo_plant(options, items, seed).plant_database_path
    url = URL.create("sqlite", database=database.as_posix()).render_as_string()
    with empty_installation(options, f"DATABASE_URL={url}\n") as settings:
        yield settings


@contextmanager
def empty_installation(options: Options, environment: str = "") -> Iterator[Settings]:
    """Make an installation without model, history or plant; `environment` is its .env file."""
    options.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="installation-", dir=options.folder) as folder:
        Path(folder, ".env").write_text(environment, encoding="utf-8")
        settings = load_settings(Path(folder))
        settings.make_directories()
        yield settings


def as_training_job(settings: Settings) -> dict[str, str]:
    """Return the environment in which the product starts a training's process."""
    return job_environment(settings.root, settings.config.training.threads)


def as_server(root: Path) -> dict[str, str]:
    """Return the environment of a server as an operator starts it: no limit on threads is set."""
    free = {name: value for name, value in os.environ.items() if name not in THREAD_VARIABLES}
    return free | {"ROUTING_ML_ROOT": str(root), "PYTHONIOENCODING": "utf-8"}


def measure(module: str, arguments: list[str], environment: dict[str, str]) -> dict[str, Any]:
    """Run a module of this package in a process of its own; return the JSON of its last line.

    Raises PartFailedError where the process fails; what it wrote is in the message.
    """
    command = [sys.executable, "-m", f"benchmarks.{module}", *arguments]
    ended = subprocess.run(  # noqa: S603 - our own module
        command, cwd=SOURCE_ROOT, env=environment, check=False, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )
    if ended.returncode:
        raise PartFailedError(f"{module} ended with exit code {ended.returncode}: {ended.stdout[-2000:]}")
    found: dict[str, Any] = json.loads(ended.stdout.strip().splitlines()[-1])
    return found
