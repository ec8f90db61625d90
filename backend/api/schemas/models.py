"""What the endpoints of model versions take and give."""

from typing import Any

from pydantic import ConfigDict, Field

from backend.api.schemas.common import Answer, Reason, Request, UtcTime
from backend.domain.models import VersionKind


class ChangeRequest(Request):
    """Why the serving version is changed; kept in the audit."""

    reason: Reason = "asked for over HTTP"


class VersionChanged(Answer):
    """The version that serves from now on."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "version": "version_20251020T020000Z_g000016",
                    "previous_version": "version_20251022T140000Z_g000017",
                    "generation": 18,
                }
            ]
        }
    )

    version: str
    previous_version: str | None
    generation: int | None = None


class ModelVersion(Answer):
    """One version that can be activated."""

    version: str
    active: bool
    created_at: UtcTime
    data_cutoff: UtcTime | None
    family: str
    kind: VersionKind
    parent: str | None = Field(description="the version that a refresh started from")
    trained_version: str | None = Field(description="the trained version at the end of a refresh's line of parents")
    job_id: str | None
    plant_profile: str
    rows: dict[str, int]
    metrics: dict[str, float | None] = Field(description="the level promised at the gate")
    extra: dict[str, Any]


class Hold(Answer):
    """Why automatic trainings promote nothing."""

    held_at: UtcTime
    version: str = Field(description="the version that was rolled back")
    reason: str


class VersionList(Answer):
    """Versions on disk, newest first."""

    active_version: str | None
    previous_version: str | None
    generation: int
    hold: Hold | None = Field(description="set where the watch rolled back; DELETE /api/models/hold ends it")
    versions: list[ModelVersion]
