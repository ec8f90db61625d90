"""Types that several requests and answers share."""

import unicodedata
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from fastapi import Path
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

MOST_ITEMS: Final = 1000
NO_CONTROL_CHARACTERS: Final = r"^[^\x00-\x1f\x7f]*$"


def utc_text(moment: datetime) -> str:
    """Write naive UTC as ISO 8601 with the Z that says so."""
    return moment.isoformat() + "Z"


def naive_utc(moment: datetime | None) -> datetime | None:
    """Read a moment that a client sent, with or without its offset, as times are inside: naive UTC."""
    if moment is None or moment.tzinfo is None:
        return moment
    try:
        return moment.astimezone(UTC).replace(tzinfo=None)
    except OverflowError:  # at the calendar's ends, where hours decide nothing
        return moment.replace(tzinfo=None)


UtcTime = Annotated[
    datetime,
    PlainSerializer(utc_text, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}, mode="serialization"),
]


def _written_out(moment: Any) -> Any:
    """Refuse a bare number, which pydantic takes for seconds since 1970 and our documentation for nothing."""
    try:
        float(moment)
    except (TypeError, ValueError):
        return moment
    raise PydanticCustomError("moment", "send a date and time such as 2026-01-31T08:00:00Z")


Moment = Annotated[datetime, BeforeValidator(_written_out)]
"""A moment that a client sends, in ISO 8601."""


def _composed(text: str) -> str:
    """Return a code as the plant is read: macOS sends Korean taken apart."""
    return unicodedata.normalize("NFC", text)


ItemCode = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=NO_CONTROL_CHARACTERS),
    AfterValidator(_composed),
]
Quantity = Annotated[float, Field(strict=True, ge=1e-6, le=1e9, allow_inf_nan=False)]
"""Minutes are divided by it: of a smaller one they would be more than a number can say."""
Limit = Annotated[int, Field(ge=1, le=1000)]
JobId = Annotated[str, Path(pattern=r"^job_[0-9A-Za-z_-]{1,64}$", examples=["job_20251022T140000_1a2b3c4d"])]
CycleId = Annotated[str, Path(pattern=r"^cycle_[0-9A-Za-z_-]{1,64}$", examples=["cycle_20251022T140000_1a2b3c4d"])]
VERSION_PATTERN: Final = r"^version_[0-9A-Za-z_]{1,64}$"
Version = Annotated[str, Path(pattern=VERSION_PATTERN, examples=["version_20251022T140000Z_g000017"])]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=NO_CONTROL_CHARACTERS)]


class Request(BaseModel):
    """Base of request bodies: a key that is not known is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Answer(BaseModel):
    """Base of answers."""

    model_config = ConfigDict(frozen=True)


class ProblemError(BaseModel):
    """One thing that is wrong with a request."""

    location: str
    problem: str


class Problem(BaseModel):
    """What went wrong and what to do about it (RFC 9457); never repeats the request."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:routing-ml:problem:queue-full",
                    "title": "Conflict",
                    "status": 409,
                    "detail": "the training queue holds 3 of at most 3 jobs (…); wait for one to end or cancel one",
                    "request_id": "5f0c9a3e1b7d4c28",
                }
            ]
        },
    )

    type: str
    title: str
    status: int
    detail: str
    request_id: str
    errors: list[ProblemError] = []


def problem_responses(meanings: dict[int, str]) -> dict[int | str, dict[str, Any]]:
    """Describe the problems of a route for the API documentation, by status."""
    return {
        status: {
            "description": meaning,
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status, meaning in meanings.items()
    }
