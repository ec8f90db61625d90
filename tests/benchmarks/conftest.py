"""One small demo task that tests only read."""

from pathlib import Path

import pytest

from benchmarks.demo_task import DemoTask, read_task
from benchmarks.options import Options
from benchmarks.plants import demo_plant


@pytest.fixture(scope="session")
def task(tmp_path_factory: pytest.TempPathFactory) -> DemoTask:
    """Return the task of a plant of 1,500 items, at most 60 lots per group."""
    return read_task(demo_plant(Options(folder=Path(tmp_path_factory.mktemp("plants"))), 1_500, 11), max_lots=60)
