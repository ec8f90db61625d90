"""Small runs of registry_trials.py; ROUTING_ML_KILLS and ROUTING_ML_DEPLOYS make them large."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TRIALS = Path(__file__).with_name("registry_trials.py")
KILLS = os.environ.get("ROUTING_ML_KILLS", "15")
DEPLOYS = os.environ.get("ROUTING_ML_DEPLOYS", "2")


def run_trial(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(TRIALS), *arguments], capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_after_kill_9_at_any_moment_the_manifest_is_whole_and_recovery_heals_the_rest() -> None:
    trial = run_trial("kill", KILLS)
    assert trial.returncode == 0, trial.stderr
    assert f"'kills': {KILLS}" in trial.stdout


@pytest.mark.slow
def test_the_kill_trial_finds_a_planted_bug() -> None:
    trial = run_trial("kill", "400", "--plant-a-bug")
    assert trial.returncode == 1
    assert "torn: " in trial.stderr


@pytest.mark.slow
def test_six_deployers_at_once_make_exactly_as_many_generations_as_deployments() -> None:
    trial = run_trial("deploy", DEPLOYS, "--processes", "6")
    assert trial.returncode == 0, trial.stderr
    assert f"'generations': {6 * int(DEPLOYS)}" in trial.stdout
