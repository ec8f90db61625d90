"""What GET /api/system gives: what an operator asks first."""

from dataclasses import asdict
from typing import Any, Final, Literal, Self

from pydantic import ConfigDict, Field

from backend.api.schemas.common import Answer, UtcTime
from backend.domain.jobs import JobKind
from backend.monitoring.machine import ProcessFacts

_EXAMPLE: Final[dict[str, Any]] = {
    "measured_at": "2025-10-22T14:03:11Z",
    "version": "1.0.0",
    "python": "3.11.9",
    "platform": "Linux 6.8.0 x86_64",
    "libraries": {"polars": "2.1.0", "lightgbm": "4.7.0"},
    "process": {"pid": 4711, "started_at": "2025-10-20T06:00:02Z", "memory_bytes": 412_000_000},
    "owns_jobs": True,
    "workers": [{"pid": 4711, "started_at": "2025-10-20T06:00:02Z", "memory_bytes": 412_000_000}],
    "job_processes": [],
    "machine": {
        "processors": 8,
        "memory_bytes": 33_500_000_000,
        "available_memory_bytes": 21_000_000_000,
    },
    "disks": [{"folder": "models", "free_bytes": 81_000_000_000, "total_bytes": 250_000_000_000}],
    "databases": [
        {
            "part": "plant",
            "kind": "mssql",
            "name": "mssql+mssqlpython://K3-DB/KsmErp",
            "reachable": True,
            "milliseconds": 2.1,
            "problem": None,
            "remedy": None,
        }
    ],
    "model": {
        "version": "version_20251022T140000Z_g000017",
        "active_version": "version_20251022T140000Z_g000017",
        "generation": 17,
        "data_cutoff": "2025-09-24T00:00:00Z",
        "loaded_at": "2025-10-22T14:00:03Z",
        "load_seconds": 1.84,
        "reload_failures": 0,
    },
    "queues": [{"kind": "training", "waiting": 1, "running": 1, "max_size": 3}],
    "quarantined_rows": 4127,
    "log_lines_dropped": 0,
}


class ProcessView(Answer):
    """A process of this installation."""

    pid: int
    started_at: UtcTime
    memory_bytes: int = Field(description="resident")

    @classmethod
    def of(cls, facts: ProcessFacts) -> Self:
        """Show one process."""
        return cls(**asdict(facts))


class MachineView(Answer):
    """The machine that this server process runs on."""

    processors: int | None
    memory_bytes: int
    available_memory_bytes: int


class DiskView(Answer):
    """The disk behind one of the installation's folders."""

    folder: str
    free_bytes: int
    total_bytes: int


class DatabaseView(Answer):
    """A database that the installation uses; never with user or password."""

    part: Literal["plant", "state"]
    kind: str | None = Field(description="sqlite, postgresql, mssql …; null where the setting cannot be read")
    name: str | None
    reachable: bool
    milliseconds: float | None = Field(description="until it answered; null where it did not")
    problem: str | None
    remedy: str | None


class ModelView(Answer):
    """The model in this process's memory, beside what the manifest says."""

    version: str | None = Field(description="the version that answers; null where none could be loaded")
    active_version: str | None = Field(description="what the manifest says; null where it cannot be read")
    generation: int | None
    data_cutoff: UtcTime | None
    loaded_at: UtcTime | None
    load_seconds: float | None
    reload_failures: int = Field(description="new versions that could not be loaded, since the start")


class QueueView(Answer):
    """The jobs of one kind that have not ended."""

    kind: JobKind
    waiting: int
    running: int
    max_size: int


class System(Answer):
    """This server process and what it stands on, measured when asked."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    measured_at: UtcTime
    version: str
    python: str
    platform: str
    libraries: dict[str, str]
    process: ProcessView = Field(description="the one that answered")
    owns_jobs: bool
    workers: tuple[ProcessView, ...] = Field(description="the server's processes that answer requests")
    job_processes: tuple[ProcessView, ...] = Field(description="run jobs for the process that answered")
    machine: MachineView
    disks: tuple[DiskView, ...]
    databases: tuple[DatabaseView, ...]
    model: ModelView
    queues: tuple[QueueView, ...] | None = Field(description="null while the state database cannot be used")
    quarantined_rows: int | None = Field(description="of the last full read of the plant; null as for queues")
    log_lines_dropped: int = Field(description="that this process could not write, since its start")
