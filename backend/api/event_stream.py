"""What the server-sent event streams have in common: ids that resume them, and how often they look."""

import time
from collections.abc import AsyncIterator, Callable
from typing import Final

from fastapi import Request
from sse_starlette import ServerSentEvent

from backend.api.authorisation import authorise
from backend.errors import NotIdentifiedError, ProtectedModeError, RoleNeededError

POLL_SECONDS: Final = 0.5


CHECK_SECONDS: Final = 5.0
"""How long a stream goes on after who follows it may no longer."""


async def while_allowed(
    events: AsyncIterator[ServerSentEvent], request: Request, clock: Callable[[], float] = time.monotonic
) -> AsyncIterator[ServerSentEvent]:
    """Pass events on until who follows them is disabled or loses the role."""
    checked_at = clock()
    async for one in events:
        if clock() - checked_at >= CHECK_SECONDS:
            checked_at = clock()
            try:
                await authorise(request)
            except (NotIdentifiedError, ProtectedModeError, RoleNeededError):
                return
        yield one


def event(name: str, data: str, position: object) -> ServerSentEvent:
    """Make an event; its id is the position behind it, with which a client resumes."""
    return ServerSentEvent(data, event=name, id=str(position))
