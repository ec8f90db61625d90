"""The fault battery, a few points of each row; `make faults` runs all of them."""

import subprocess
import sys

import pytest

from backend.settings import SOURCE_ROOT
from benchmarks.faults.syscalls import ERRORS, rules


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="forks; strace and tmpfs are Linux's")
def test_nothing_is_torn_and_every_planted_bug_is_caught() -> None:
    battery = subprocess.run(
        [sys.executable, "-m", "benchmarks.faults", "--quick"],
        cwd=SOURCE_ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert battery.returncode == 0, battery.stdout + battery.stderr
    caught, skipped = (battery.stdout.count(word) for word in (" caught ", " NOT MEASURED "))
    assert caught + skipped == 6
    assert caught >= 4


def test_each_call_is_killed_at_and_those_that_change_the_disk_fail_in_each_way() -> None:
    found = list(rules({"read": 2, "fsync": 1}))
    assert found[-2:] == ["inject=read:signal=KILL:when=1", "inject=read:signal=KILL:when=2"]
    assert len(found) == 3 + len(ERRORS)
    assert "inject=fsync:error=EIO:when=1+" in found
