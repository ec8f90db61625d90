"""The commands of the runbook's section 5.4, as printed."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from backend.registry.store import ModelStore
from backend.settings import SOURCE_ROOT, Settings

ONE_LINER = """
from backend.iter_training.deployer import ModelDeployer
deployer = ModelDeployer()
result = deployer.rollback()
print(f'Rolled back to {result[\"version\"]}')
"""


def run(settings: Settings, *command: str) -> str:
    environment = os.environ | {"ROUTING_ML_ROOT": str(settings.root), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(command, cwd=SOURCE_ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_one_liner_rolls_back_to_the_version_before(
    settings: Settings, store: ModelStore, bundles: list[Path]
) -> None:
    first = store.promote(bundles[0], actor="test", reason="a test").active_version
    store.promote(bundles[1], actor="test", reason="a test")
    assert run(settings, sys.executable, "-c", ONE_LINER) == f"Rolled back to {first}\n"
    assert json.loads((settings.models_dir / "manifest.json").read_text())["active_version"] == first
    assert store.verify() == []


def test_jq_shows_active_and_previous_version(settings: Settings, store: ModelStore, bundles: list[Path]) -> None:
    if shutil.which("jq") is None:
        pytest.skip("jq is not installed")
    names = [store.promote(bundle, actor="test", reason="a test").active_version for bundle in bundles]
    shown = run(
        settings, "sh", "-c", f"cat {settings.models_dir}/manifest.json | jq '.active_version, .previous_version'"
    )
    assert shown == f'"{names[2]}"\n"{names[1]}"\n'


def test_a_real_model_passes_its_trial_load_in_a_child_process(settings: Settings, bundles: list[Path]) -> None:
    assert ModelStore(settings).promote(bundles[0], actor="test", reason="a test").generation == 1
