import json
import os
import subprocess
import sys

import pytest

THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS")


def _hashes(threads: int, order: str) -> dict[str, str]:
    command = [sys.executable, "-m", "tests.backend.ml.fitting_hashes", str(threads), order]
    environment = os.environ | dict.fromkeys(THREAD_VARIABLES, str(threads))
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    hashes: dict[str, str] = json.loads(done.stdout)
    return hashes


@pytest.fixture(scope="module")
def hashes() -> dict[str, str]:
    return _hashes(1, "as_made")


def test_neither_threads_nor_the_order_of_the_plants_rows_change_a_bundle(hashes: dict[str, str]) -> None:
    assert _hashes(2, "shuffled") == hashes


def test_each_family_has_a_bundle_of_its_own(hashes: dict[str, str]) -> None:
    assert len(set(hashes.values())) == len(hashes)
