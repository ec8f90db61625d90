"""What the audit trail gives."""

from typing import Any, Self

from pydantic import ConfigDict, Field

from backend.api.schemas.common import Answer, UtcTime
from backend.state.audit import AuditEntry

_PROMISE = "promise"


class AuditEntryView(Answer):
    """Something that was done to the installation, by whom and why."""

    audit_id: int
    created_at: UtcTime
    actor: str = Field(
        description="a user, `key NAME`, local, cli, watch, or the job that did it; api in entries of earlier releases"
    )
    action: str
    subject: str
    details: dict[str, Any] = Field(description="the reason and what was seen; another set of keys for each action")

    @classmethod
    def of(cls, entry: AuditEntry) -> Self:
        """Show one entry; the hundreds of figures that a version promised stay with the version."""
        extra = entry.details.get("extra")
        details = entry.details
        if isinstance(extra, dict) and _PROMISE in extra:
            details = details | {"extra": {name: value for name, value in extra.items() if name != _PROMISE}}
        return cls(
            audit_id=entry.audit_id,
            created_at=entry.created_at,
            actor=entry.actor,
            action=entry.action,
            subject=entry.subject,
            details=details,
        )


class AuditList(Answer):
    """The audit trail, newest first."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "entries": [
                        {
                            "audit_id": 12,
                            "created_at": "2025-10-22T14:03:11Z",
                            "actor": "kim",
                            "action": "model.rollback",
                            "subject": "version_20251020T020000Z_g000016",
                            "details": {
                                "generation": 18,
                                "replaced": "version_20251022T140000Z_g000017",
                                "reason": "turning takes twice as long as proposed",
                            },
                        }
                    ]
                }
            ]
        }
    )

    entries: tuple[AuditEntryView, ...]
