"""What a measurement was made on, and what the present process has cost."""

import importlib.metadata
import os
import platform
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import psutil

from backend.settings import SOURCE_ROOT

LIBRARIES: Final = ("numpy", "scipy", "scikit-learn", "lightgbm", "polars", "fastapi", "uvicorn")
THREAD_VARIABLES: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


@dataclass(frozen=True, slots=True)
class Machine:
    """Where and when a measurement is made."""

    hardware: str
    system: str
    versions: str
    load: float
    """Processes that wanted a core in the minute before; other work makes times longer."""
    started_at: datetime
    commit: str


def describe_machine() -> Machine:
    """Return the machine as it is now."""
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    memory = psutil.virtual_memory().total / 2**30
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in LIBRARIES)
    return Machine(
        hardware=f"{_processor()}, {cores} cores, {memory:.0f} GiB; a million additions in Python: "
        f"{1000 * _python_seconds():.0f} ms of CPU",
        system=f"{platform.system()} {platform.release()}",
        versions=f"Python {platform.python_version()}, {versions}",
        load=psutil.getloadavg()[0],
        started_at=datetime.now(UTC),
        commit=_commit(),
    )


def peak_megabytes() -> float:
    """Return the most memory that this process has had resident, in MB (10⁶ bytes)."""
    if sys.platform == "win32":
        return float(psutil.Process().memory_info().peak_wset / 1e6)
    if sys.platform == "linux":  # its ru_maxrss begins with what the process that started this one had
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        return int(status.partition("VmHWM:")[2].split()[0]) * 1024 / 1e6
    import resource  # noqa: PLC0415 - not on Windows

    in_kibibytes = sys.platform != "darwin"
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1024 if in_kibibytes else 1) / 1e6


def cpu_seconds_of_all() -> float:
    """Return the CPU seconds of this process and of those it started that have ended (on Windows: its own alone)."""
    times = psutil.Process().cpu_times()
    return float(times.user + times.system + times.children_user + times.children_system)


class Stopwatch:
    """Wall and CPU seconds of this process, all threads, since it was made."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    @property
    def wall(self) -> float:
        """Return the seconds on the clock."""
        return time.perf_counter() - self._wall

    @property
    def cpu(self) -> float:
        """Return the seconds of all cores together; a loaded machine changes it little."""
        return time.process_time() - self._cpu


def _python_seconds() -> float:
    """Return the least CPU of five runs of one plain loop: by how much machines differ where our own code counts."""
    costs = []
    for _ in range(5):
        begun, total = time.process_time(), 0
        for number in range(1_000_000):
            total += number
        costs.append(time.process_time() - begun)
    return min(costs)


def _processor() -> str:
    listed = Path("/proc/cpuinfo")
    if listed.exists():
        for line in listed.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _commit() -> str:
    """Return the short commit, and whether files differ from it; a copy without git has none."""
    try:
        name = _git("rev-parse", "--short", "HEAD")
        changed = _git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!docs")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{name}, with changes not committed" if changed else name


def _git(*arguments: str) -> str:
    command = ["git", *arguments]
    return subprocess.run(command, cwd=SOURCE_ROOT, check=True, capture_output=True, text=True).stdout.strip()  # noqa: S603
