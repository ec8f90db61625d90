"""What the endpoints of the settings take and give."""

from typing import Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from backend.api.schemas.common import Answer, Reason, Request, UtcTime
from backend.config_keys import Effect, IterTrainingConfig, Unit
from backend.configuration.config_file import ConfigText
from backend.configuration.keys import config_schema, key_schemas, value_of
from backend.state.audit import AuditEntry

MOST_CHANGES: Final = 1000


class ConfigChangeRequest(Request):
    """The settings to change, each by its section and key; all others stay as they are."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "changes": {"thresholds.mae_threshold": 4.5, "sampling.strategy": "stratified"},
                    "reason": "the new machines are steadier",
                }
            ]
        }
    )

    changes: dict[str, JsonValue] = Field(min_length=1, max_length=MOST_CHANGES)
    reason: Reason | None = None


class ConfigRestoreRequest(Request):
    """The change whose keys get the values back that they had before it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"audit_id": 12, "reason": "too many alerts"}]})

    audit_id: int = Field(strict=True, ge=1, le=2**31 - 1)
    reason: Reason | None = None


class KeySchema(BaseModel):
    """The JSON schema of one key."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    type: Literal["integer", "number", "boolean", "string", "array"]
    description: str
    default: JsonValue
    writable: bool = Field(description="whether it may be changed over HTTP")
    fixed_reason: str | None = Field(default=None, description="why it may not")
    effect: Effect = Field(
        description="when a change takes effect: with the next job that starts, or with the server's next start"
    )
    unit: Unit | None = None
    enum: list[str] | None = None
    items: dict[str, Any] | None = None
    format: str | None = None
    pattern: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    exclusive_minimum: float | None = Field(default=None, alias="exclusiveMinimum")
    exclusive_maximum: float | None = Field(default=None, alias="exclusiveMaximum")


class SectionSchema(BaseModel):
    """The JSON schema of one section."""

    type: Literal["object"]
    description: str
    properties: dict[str, KeySchema]


class ConfigSchema(BaseModel):
    """The JSON schema of the file."""

    type: Literal["object"]
    properties: dict[str, SectionSchema]


class ConfigView(Answer):
    """The settings as the file has them now."""

    etag: str = Field(description="what If-Match wants, without its quotation marks")
    exists: bool = Field(description="false: there is no file yet, and a first change starts from the example shown")
    yaml: str = Field(description="the file as a person reads it, comments included")
    values: IterTrainingConfig
    json_schema: ConfigSchema
    restart_pending: tuple[str, ...] = Field(
        description="keys of which this server still uses the value that it read at its start"
    )

    @classmethod
    def of(cls, file: ConfigText, started_with: IterTrainingConfig) -> Self:
        """Show the file beside what this server was started with."""
        config = file.config
        pending = (
            dotted
            for dotted, schema in key_schemas().items()
            if schema["effect"] == "restart" and value_of(config, dotted) != value_of(started_with, dotted)
        )
        return cls(
            etag=file.etag,
            exists=file.exists,
            yaml=file.text,
            values=config,
            json_schema=ConfigSchema.model_validate(config_schema()),
            restart_pending=tuple(pending),
        )


class KeyChange(Answer):
    """One key of a change."""

    key: str
    before: JsonValue
    after: JsonValue


class ConfigChangeView(Answer):
    """A change of the settings, as it was audited."""

    audit_id: int
    created_at: UtcTime
    actor: str
    reason: str | None
    restored_audit_id: int | None = Field(description="the change that this one took back, if so")
    changes: tuple[KeyChange, ...]

    @classmethod
    def of(cls, entry: AuditEntry) -> Self:
        """Show one entry of the audit trail."""
        return cls(
            audit_id=entry.audit_id,
            created_at=entry.created_at,
            actor=entry.actor,
            reason=entry.details.get("reason"),
            restored_audit_id=entry.details.get("restored_audit_id"),
            changes=tuple(KeyChange.model_validate(one) for one in entry.details["changes"]),
        )


class ConfigHistory(Answer):
    """The changes made over HTTP, newest first."""

    changes: tuple[ConfigChangeView, ...]
