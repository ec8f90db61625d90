"""A log's new entries as server-sent events, without end."""

from collections.abc import AsyncIterator
from typing import Final

import anyio
from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from sse_starlette import EventSourceResponse, ServerSentEvent

from backend.api.event_stream import POLL_SECONDS, event, while_allowed
from backend.api.schemas.logs import LogEntryView
from backend.monitoring.log_entries import LogFilter
from backend.monitoring.log_history import LogHistory, LogPosition

MOST_AT_ONCE: Final = 500


class LogEvents:
    """Follows one log from a position on. Read from its files, so any server process can tell."""

    def __init__(self, history: LogHistory, wanted: LogFilter, position: LogPosition) -> None:
        self._history = history
        self._wanted = wanted
        self._position = position

    def response(self, request: Request) -> EventSourceResponse:
        """Answer with the stream, for as long as who asks for it may have it."""
        return EventSourceResponse(while_allowed(self.events(), request))

    async def events(self) -> AsyncIterator[ServerSentEvent]:
        """Return each wanted entry when it is there; the stream ends when the client or the server goes."""
        while True:
            found = await run_in_threadpool(self._history.after, self._position, MOST_AT_ONCE)
            for placed in found:
                self._position = placed.end
                if self._wanted.admits(placed.entry):
                    yield event("entry", LogEntryView.of(placed).model_dump_json(), placed.end)
            if len(found) < MOST_AT_ONCE:
                await anyio.sleep(POLL_SECONDS)
