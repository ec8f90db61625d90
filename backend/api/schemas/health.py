"""What the health endpoints give."""

from typing import Literal

from pydantic import ConfigDict, Field

from backend.api.schemas.common import Answer


class Reason(Answer):
    """Something that keeps the server from doing all of its work, and the command that mends it."""

    part: str
    problem: str
    command: str


class HealthStatus(Answer):
    """What everybody may know: whether the server can do all of its work."""

    status: Literal["healthy", "degraded"]


class Health(Answer):
    """Whether the server can do all of its work; it answers 200 as long as it serves at all."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "status": "healthy",
                    "version": "1.0.0",
                    "model_version": "version_20251022T140000Z_g000017",
                    "owns_jobs": True,
                    "time_zone": "Asia/Seoul",
                    "reasons": [],
                },
                {
                    "status": "degraded",
                    "version": "1.0.0",
                    "model_version": None,
                    "owns_jobs": True,
                    "time_zone": "Asia/Seoul",
                    "reasons": [{"part": "model", "problem": "no model is active", "command": "routing-ml train"}],
                },
            ]
        }
    )

    status: Literal["healthy", "degraded"]
    version: str
    model_version: str | None
    owns_jobs: bool = Field(description="whether this process runs the jobs; one process of an installation does")
    time_zone: str | None = Field(description="the plant's, for showing times; null where its profile is broken")
    reasons: list[Reason]


class DatabaseHealth(Answer):
    """The plant's database answers."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"database": "connected", "profile": "ksm", "milliseconds": 1.4}]}
    )

    database: Literal["connected"]
    profile: str
    milliseconds: float
