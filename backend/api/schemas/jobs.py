"""What the endpoints of background jobs take and give."""

from dataclasses import asdict
from typing import Any, Self

from pydantic import ConfigDict, Field

from backend.api.schemas.common import Answer, Request, UtcTime
from backend.config_keys import SamplingSettings
from backend.domain.jobs import JobKind, JobRecord, JobStatus
from backend.domain.sampling import SamplingStrategy
from backend.domain.schedule import ScheduledJob


class TrainingRequest(Request):
    """Which items the gate judges on; training itself uses all data that it is allowed to."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"sample_size": 500, "strategy": "stratified"}]})

    sample_size: int | None = Field(
        default=None, strict=True, ge=1, le=1_000_000, description="default: sampling.sample_size"
    )
    strategy: SamplingStrategy | None = Field(default=None, description="default: sampling.strategy")

    def parameters(self, defaults: SamplingSettings) -> dict[str, Any]:
        """Return the job's parameters, the configured defaults filled in."""
        return {
            "sample_size": self.sample_size or defaults.sample_size,
            "strategy": str(self.strategy or defaults.strategy),
        }


class EvaluationRequest(TrainingRequest):
    """Which items a quality cycle judges."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"sample_size": 500, "strategy": "random", "seed": 1}]})

    seed: int | None = Field(default=None, strict=True, ge=0, le=2**31 - 1, description="default: sampling.seed")
    backtest: bool = Field(
        default=False, strict=True, description="score work orders that the model may have learnt from, labelled so"
    )

    def parameters(self, defaults: SamplingSettings) -> dict[str, Any]:
        """Return the job's parameters, the configured defaults filled in."""
        seed = defaults.seed if self.seed is None else self.seed
        return super().parameters(defaults) | {"seed": seed, "backtest": self.backtest}


class JobStarted(Answer):
    """The job that was queued."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"job_id": "job_20251022T140000_1a2b3c4d", "status": "STARTED"}]}
    )

    job_id: str
    status: JobStatus


class JobView(Answer):
    """A job as its row tells it now; STARTED means queued."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "job_id": "job_20251022T140000_1a2b3c4d",
                    "kind": "training",
                    "status": "RUNNING",
                    "progress": 40,
                    "current_step": "fitting boosted_trees",
                    "attempt": 1,
                    "seq": 17,
                    "automatic": False,
                    "parameters": {"sample_size": 500, "strategy": "random"},
                    "result": None,
                    "error": None,
                    "created_at": "2025-10-22T14:00:00Z",
                    "started_at": "2025-10-22T14:00:01Z",
                    "finished_at": None,
                }
            ]
        }
    )

    job_id: str
    kind: JobKind
    status: JobStatus
    progress: int = Field(description="0 to 100")
    current_step: str
    attempt: int
    seq: int = Field(description="rises with every change")
    automatic: bool
    parameters: dict[str, Any]
    result: dict[str, Any] | None
    error: str | None
    created_at: UtcTime
    started_at: UtcTime | None
    finished_at: UtcTime | None

    @classmethod
    def of(cls, record: JobRecord) -> Self:
        """Show one job."""
        return cls.model_validate(asdict(record))


class JobList(Answer):
    """Jobs, newest first."""

    jobs: list[JobView]


class DueTimeView(Answer):
    """A due time and what became of it."""

    due_at: UtcTime
    job_id: str | None = Field(description="null where no job was started")
    outcome: str


class ScheduledJobView(Answer):
    """A kind of job that starts by itself."""

    kind: JobKind
    cron: str = Field(description="minute hour day month weekday, on the clock of time_zone")
    time_zone: str
    last: DueTimeView | None
    next_due_at: UtcTime

    @classmethod
    def of(cls, scheduled: ScheduledJob) -> Self:
        """Show one plan."""
        last = scheduled.last
        return cls(
            kind=scheduled.kind,
            cron=scheduled.cron,
            time_zone=scheduled.time_zone,
            last=DueTimeView(due_at=last.due_at, job_id=last.job_id, outcome=last.outcome) if last else None,
            next_due_at=scheduled.next_due_at,
        )


class Schedule(Answer):
    """What starts by itself; kinds that are never due are left out."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "jobs": [
                        {
                            "kind": "refresh",
                            "cron": "30 2 * * *",
                            "time_zone": "Asia/Seoul",
                            "last": {
                                "due_at": "2025-10-21T17:30:00Z",
                                "job_id": "job_20251021T173004_1a2b3c4d",
                                "outcome": "started",
                            },
                            "next_due_at": "2025-10-22T17:30:00Z",
                        }
                    ]
                }
            ]
        }
    )

    jobs: list[ScheduledJobView]
