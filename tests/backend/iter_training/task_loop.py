"""Runs jobs the way child and parent do, for the tests of their tasks."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from backend.domain.jobs import JobKind, JobRecord, JobStatus
from backend.iter_training.task_context import TaskContext
from backend.iter_training.tasks import FINISHERS, TASKS
from backend.settings import Settings

NOW = datetime(2025, 10, 22)  # noqa: DTZ001 - the product's timestamps are naive UTC


@dataclass
class Loop:
    """Runs jobs the way child and parent do, without the engine between them."""

    settings: Settings
    engine: Engine
    shares: list[float] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    last: tuple[JobRecord, Path, dict[str, Any]] | None = None

    def work(self, kind: JobKind, number: int, **parameters: Any) -> tuple[JobRecord, Path, dict[str, Any]]:
        job_id = f"job_{number:04}"
        folder = self.settings.data_dir / "training_jobs" / job_id / "attempt_01"
        folder.mkdir(parents=True)
        self.shares.clear()
        context = TaskContext(self.settings, folder, job_id, parameters, self._report, self.lines.append)
        result = json.loads(json.dumps(TASKS[kind.value](context), allow_nan=False))
        job = JobRecord(
            job_id, kind, JobStatus.RUNNING, 90, "", 1, 1, False, parameters, None, None, NOW, NOW, None
        )  # fmt: skip
        self.last = (job, folder, result)
        return self.last

    def run(self, kind: JobKind, number: int, **parameters: Any) -> dict[str, Any]:
        job, folder, result = self.work(kind, number, **parameters)
        return FINISHERS[kind.value](self.settings, job, folder, result)

    def last_cycle(self) -> dict[str, Any]:
        """Return the cycle that the last job, an evaluation, made."""
        assert self.last
        cycle: dict[str, Any] = self.last[2]["cycle"]
        return cycle

    def _report(self, share: float, _step: str) -> None:
        self.shares.append(share)
