"""What this server process and its machine use: versions, memory, disk; everything is measured when asked."""

import importlib.metadata
import multiprocessing
import os
import platform
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import psutil

LIBRARIES: Final = (
    "dbos",
    "fastapi",
    "lightgbm",
    "numpy",
    "polars",
    "pydantic",
    "scikit-learn",
    "scipy",
    "sqlalchemy",
    "uvicorn",
)
"""Those that decide how the product predicts and answers; all of them are in requirements.txt."""
FULL_BELOW_BYTES: Final = 500_000_000
"""A training stores more than this while it works; the state database stops well before zero."""
_SPAWNED: Final = "multiprocessing.spawn"
_SPAWN_HELPER: Final = "resource_tracker"


@dataclass(frozen=True, slots=True)
class ProcessFacts:
    """A process of this installation; the timestamp is naive UTC."""

    pid: int
    started_at: datetime
    memory_bytes: int
    """Resident: what it holds of the machine's memory now."""


@dataclass(frozen=True, slots=True)
class DiskFacts:
    """The disk behind one of the installation's folders."""

    folder: str
    free_bytes: int
    total_bytes: int


def platform_name() -> str:
    """Return system and processor, without the machine's own name."""
    return f"{platform.system()} {platform.release()} {platform.machine()}"


def library_versions() -> dict[str, str]:
    """Return the installed versions of the libraries that matter."""
    return {name: importlib.metadata.version(name) for name in LIBRARIES}


def own_process() -> ProcessFacts:
    """Measure the process that answers."""
    return _measured(psutil.Process())


def serving_processes() -> tuple[ProcessFacts, ...]:
    """Measure the server's workers: the processes that one 'uvicorn --workers' started, or this one alone."""
    if multiprocessing.parent_process() is None:
        return (own_process(),)
    return _measure_all(process for process in psutil.Process(os.getppid()).children() if _is_worker(process))


def job_processes() -> tuple[ProcessFacts, ...]:
    """Measure the processes that run jobs for this server process."""
    return _measure_all(process for process in psutil.Process().children() if not _is_helper(process))


def disks(folders: Mapping[str, Path]) -> tuple[DiskFacts, ...]:
    """Measure the disk behind each folder, by name; a folder that is not there yet is on its parent's."""
    return tuple(_disk(name, folder) for name, folder in folders.items())


def full_disks(folders: Mapping[str, Path]) -> tuple[DiskFacts, ...]:
    """Return the disks that have too little left for a job, a log or a version to be stored."""
    return tuple(disk for disk in disks(folders) if disk.free_bytes < FULL_BELOW_BYTES)


def _disk(name: str, folder: Path) -> DiskFacts:
    there = next(path for path in (folder, *folder.parents) if path.exists())
    usage = shutil.disk_usage(there)
    return DiskFacts(name, usage.free, usage.total)


def _measure_all(processes: Iterator[psutil.Process]) -> tuple[ProcessFacts, ...]:
    found = []
    for process in processes:
        with suppress(psutil.NoSuchProcess):  # it ended while we looked
            found.append(_measured(process))
    return tuple(found)


def _measured(process: psutil.Process) -> ProcessFacts:
    started_at = datetime.fromtimestamp(process.create_time(), UTC).replace(tzinfo=None)
    return ProcessFacts(process.pid, started_at, process.memory_info().rss)


def _is_worker(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
        return any(_SPAWNED in part for part in process.cmdline())
    return False


def _is_helper(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
        return any(_SPAWN_HELPER in part for part in process.cmdline())
    return True
