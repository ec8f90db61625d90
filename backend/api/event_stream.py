"""What the server-sent event streams have in common: ids that resume them, and how often they look."""

from typing import Final

from sse_starlette import ServerSentEvent

POLL_SECONDS: Final = 0.5


def event(name: str, data: str, position: object) -> ServerSentEvent:
    """Make an event; its id is the position behind it, with which a client resumes."""
    return ServerSentEvent(data, event=name, id=str(position))
