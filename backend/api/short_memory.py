"""Remembers answers of the state database for a moment, so that not every request asks it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar

from fastapi.concurrency import run_in_threadpool
from sqlalchemy.exc import SQLAlchemyError

from backend.api.problems import StartingError
from backend.domain.clock import Clock

FRESH: Final = timedelta(seconds=1)
WITHOUT_DATABASE: Final = timedelta(minutes=15)
"""A database that is away keeps nobody from predicting; nobody can change it meanwhile either."""
MOST_KEPT: Final = 1024

ValueT = TypeVar("ValueT")


@dataclass(slots=True)
class _Kept(Generic[ValueT]):
    value: ValueT
    read_at: datetime
    asked_at: datetime


class ShortMemory(Generic[ValueT]):
    """Answers by their question; at most two seconds old while the database answers."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[str, _Kept[ValueT]] = {}
        self._forgotten = 0
        """How often; an answer that was asked for before is not kept, because it may be of before the change."""

    async def get(self, question: str, ask: Callable[[], ValueT | None]) -> ValueT | None:
        """Return the answer; None is not remembered. Raises what asking raises, unless an earlier answer will do."""
        now, forgotten = self._clock(), self._forgotten
        kept = self._kept.get(question)
        if kept is not None and timedelta(0) <= now - kept.asked_at < FRESH:
            return kept.value
        if kept is not None:
            kept.asked_at = now  # one asks, and the others need not wait for it
        try:
            value = await run_in_threadpool(ask)
        except (StartingError, SQLAlchemyError):
            if kept is not None and timedelta(0) <= now - kept.read_at < WITHOUT_DATABASE:
                return kept.value
            raise
        if forgotten == self._forgotten:
            self._keep(question, value, now)
        return value

    def forget(self) -> None:
        """Ask anew from now on."""
        self._forgotten += 1
        self._kept.clear()

    def _keep(self, question: str, value: ValueT | None, now: datetime) -> None:
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        if value is None:
            self._kept.pop(question, None)
        else:
            self._kept[question] = _Kept(value, now, now)
