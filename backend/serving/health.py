"""What the predictor knows of its own health."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class HealthProblem:
    """One thing that is wrong, and the command that repairs it."""

    problem: str
    command: str
    part: Literal["model", "plant"] = "model"


@dataclass(frozen=True, slots=True)
class PredictorHealth:
    """Whether predictions are as good as they should be. Timestamps are naive UTC."""

    problems: tuple[HealthProblem, ...]
    active_version: str | None
    """The version that answers, which is not the manifest's while that cannot be loaded."""
    data_cutoff: datetime | None
    loaded_at: datetime | None
    load_seconds: float | None
    reload_failures: int

    @property
    def status(self) -> Literal["healthy", "degraded"]:
        """Return "degraded" as soon as there is a problem."""
        return "degraded" if self.problems else "healthy"

    @property
    def reasons(self) -> tuple[str, ...]:
        """Return the problems as sentences with their remedy."""
        return tuple(f"{found.problem}. {found.command}" for found in self.problems)
