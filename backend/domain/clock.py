"""The one way to ask for the time; components take a Clock so that tests decide it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeAlias

Clock: TypeAlias = Callable[[], datetime]
"""Returns naive UTC."""


def utc_now() -> datetime:
    """Return the present moment as naive UTC."""
    return datetime.now(UTC).replace(tzinfo=None)
