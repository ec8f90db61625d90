"""What the endpoints of the log files take and give."""

from typing import Annotated, Any, Final, Literal, Self

from pydantic import ConfigDict, Field, StringConstraints

from backend.api.schemas.common import Answer, UtcTime
from backend.monitoring.log_history import POSITION_PATTERN, LogPage, LogPosition, PageEnd, PlacedEntry
from backend.monitoring.log_parts import LogSource

LogLevelName = Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
Cursor = Annotated[str, StringConstraints(pattern=POSITION_PATTERN)]
SearchText = Annotated[str, StringConstraints(max_length=200)]

_ENTRY: Final[dict[str, Any]] = {
    "id": "00112233445566ff.10240.1761141791502",
    "time": "2025-10-22T14:03:11.502000Z",
    "level": "ERROR",
    "logger": "routing_ml.api",
    "request_id": "5f0c9a3e1b7d4c28",
    "message": "the job engine cannot be opened; trying again in 5 s",
    "detail": "Traceback (most recent call last):\nOSError: [Errno 28] No space left on device",
    "cut": False,
}


class LogEntryView(Answer):
    """One thing that was logged; a line of another form has a message alone. All of it is plain text."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ENTRY]})

    id: str = Field(description="where it begins; stays the same when the file is rotated")
    time: UtcTime | None
    level: LogLevelName | None
    logger: str | None
    request_id: str | None
    message: str
    detail: str = Field(description="the lines that belong to it, a traceback above all; empty where there are none")
    cut: bool = Field(description="message or detail was longer than 20,000 characters")

    @classmethod
    def of(cls, placed: PlacedEntry) -> Self:
        """Show one entry."""
        entry = placed.entry
        return cls.model_validate(
            {
                "id": str(placed.begin),
                "time": entry.time,
                "level": entry.level,
                "logger": entry.logger,
                "request_id": entry.request_id,
                "message": entry.message,
                "detail": entry.detail,
                "cut": entry.cut,
            }
        )


class LogPageView(Answer):
    """Entries of one log, newest first."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "source": "app",
                    "entries": [_ENTRY],
                    "ended_by": "limit",
                    "next": "00112233445566ff.10240.1761141791502",
                    "follow_from": "00112233445566ff.10911.1761141791502",
                }
            ]
        }
    )

    source: LogSource
    entries: tuple[LogEntryView, ...]
    ended_by: PageEnd = Field(
        description="`searched_enough`: one page looks through 16 MiB at most; ask again with `before` to go on"
    )
    next: str | None = Field(description="the `before` of the next page; null at the start of the log")
    follow_from: str | None = Field(
        description="of a page without `before`: the `after` of /api/logs/events, which then loses and repeats nothing"
    )

    @classmethod
    def of(cls, source: LogSource, page: LogPage, follow_from: LogPosition | None) -> Self:
        """Show one page."""
        return cls(
            source=source,
            entries=tuple(LogEntryView.of(placed) for placed in page.entries),
            ended_by=page.ended_by,
            next=str(page.next) if page.next else None,
            follow_from=str(follow_from) if follow_from else None,
        )
