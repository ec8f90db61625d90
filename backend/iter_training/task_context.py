"""What a job's task is given in its child process."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backend.domain.clock import Clock, utc_now
from backend.domain.progress import ProgressReport
from backend.settings import Settings


@dataclass(frozen=True, slots=True)
class TaskContext:
    """The one argument of a task; whatever the task writes belongs into its folder."""

    settings: Settings
    folder: Path
    """The attempt's own folder; a later attempt of the same job gets another."""
    job_id: str
    parameters: dict[str, Any]
    report: ProgressReport
    log: Callable[[str], None]
    """Adds a line with the time before it to the job's log."""
    clock: Clock = utc_now
