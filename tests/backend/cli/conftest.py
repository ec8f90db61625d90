"""An installation in a folder of its own, and the real command line run in it."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from backend.domain.clock import utc_now
from backend.domain.models import BundleParts, VersionRecord
from backend.ml.bundle_schema import SCHEMA
from backend.registry.bundle import write_bundle
from backend.registry.store import ModelStore
from backend.settings import Environment, Settings, load_settings
from backend.state.migrating import migrate_state

RoutingMl = Callable[..., subprocess.CompletedProcess[str]]
Promote = Callable[..., str]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for key in Environment.model_fields:
        monkeypatch.delenv(key, raising=False)
    return tmp_path


@pytest.fixture
def settings(root: Path) -> Settings:
    made = load_settings(root)
    made.make_directories()
    migrate_state(made)
    return made


@pytest.fixture
def routing_ml(root: Path) -> RoutingMl:
    """Run the command line as a process of its own in the installation."""
    known = {key: value for key, value in os.environ.items() if key not in Environment.model_fields}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", "from backend.cli import main; main()", *arguments]
        environment = known | {"ROUTING_ML_ROOT": str(root), "COLUMNS": "200", "NO_COLOR": "1"}
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)

    return run


@pytest.fixture
def promote(settings: Settings, tmp_path: Path) -> Promote:
    """Make a version that holds a number, active without its trial load; returns its name."""

    def make(marker: int, schema: int = SCHEMA) -> str:
        folder = tmp_path / f"bundle_{len(list(tmp_path.glob('bundle_*')))}"
        weights = {"marker": marker, "weights": np.arange(5.0)}
        parts = BundleParts(weights, {"codes": np.array(["A"])}, {"schema": schema, "family": "boosted_trees"})
        write_bundle(folder, parts, _record(settings))
        store = ModelStore(settings, canary=lambda _folder, _digests: None)
        version = store.promote(folder, actor="test", reason="test").active_version
        assert version is not None
        return version

    return make


def _record(settings: Settings) -> VersionRecord:
    return VersionRecord(
        created_at=utc_now(),
        data_cutoff=None,
        family="boosted_trees",
        job_id=None,
        plant_profile=settings.config.plant.profile,
        seed=0,
        rows={},
        metrics={"mae": 4.2},
        library_versions={},
        extra={"gate": {"reason": "promoted", "checks": {"mae": "4.2"}}, "promise": {"levels": {"times": [1, 2]}}},
    )
