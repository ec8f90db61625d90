"""A job's changes and log lines as server-sent events."""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

import anyio
from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from sse_starlette import EventSourceResponse, ServerSentEvent

from backend.api.event_stream import POLL_SECONDS, event, while_allowed
from backend.api.schemas.jobs import JobView
from backend.domain.jobs import JobRecord
from backend.iter_training.jobs.job_engine import JobEngine

_EVENT_ID: Final = re.compile(r"(\d{1,9})\.(\d{1,9})")


@dataclass(frozen=True, slots=True)
class Position:
    """How much of a job a client has seen; travels as the event id."""

    seq: int = 0
    log_lines: int = 0

    @classmethod
    def parse(cls, text: str | None) -> "Position":
        """Read a Last-Event-ID; what is not one of ours means the beginning.

        >>> Position.parse("7.120")
        Position(seq=7, log_lines=120)
        """
        match = _EVENT_ID.fullmatch(text or "")
        return cls(int(match[1]), int(match[2])) if match else cls()

    def __str__(self) -> str:
        return f"{self.seq}.{self.log_lines}"


class JobEvents:
    """Follows one job from a position to its end. Read from the row, so any server process can tell."""

    def __init__(self, jobs: JobEngine, job_id: str, position: Position) -> None:
        self._jobs = jobs
        self._job_id = job_id
        self._position = position

    def nothing_left(self) -> bool:
        """Tell whether the job has ended and the client knows all of it; raises UnknownJobError."""
        job, lines = self._look()
        return job.status.is_final and job.seq == self._position.seq and not lines

    def response(self, request: Request) -> EventSourceResponse:
        """Answer with the stream, for as long as who asks for it may have it."""
        return EventSourceResponse(while_allowed(self._events(), request))

    async def _events(self) -> AsyncIterator[ServerSentEvent]:
        while True:
            job, lines = await run_in_threadpool(self._look)
            for line in lines:
                self._position = Position(self._position.seq, self._position.log_lines + 1)
                yield event("log", json.dumps({"line": line}), self._position)
            if job.seq != self._position.seq:
                self._position = Position(job.seq, self._position.log_lines)
                yield event("status", JobView.of(job).model_dump_json(), self._position)
            if job.status.is_final:
                return
            await anyio.sleep(POLL_SECONDS)

    def _look(self) -> tuple[JobRecord, list[str]]:
        """Read the row first: a job that had ended then has all of its log lines now."""
        return self._jobs.get(self._job_id), self._jobs.log_lines(self._job_id, self._position.log_lines)
