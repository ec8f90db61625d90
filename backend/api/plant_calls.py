"""Questions to the plant's database on behalf of a request: few at a time, and never for long."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final, TypeVar

import anyio

from backend.errors import DatabaseUnavailableError

AnswerT = TypeVar("AnswerT")

PATIENCE_SECONDS: Final = 4.8
"""So that the client has its answer within five seconds, whatever the database does."""

_ASKING: Final = anyio.CapacityLimiter(8)
"""A database that hangs holds these threads, not the ones that predict."""


async def ask_plant(question: Callable[..., AnswerT], *arguments: Any) -> AnswerT:
    """Run a question in a thread; raises DatabaseUnavailableError where no answer comes in time."""
    try:
        with anyio.fail_after(PATIENCE_SECONDS):
            call = partial(question, *arguments)
            return await anyio.to_thread.run_sync(call, limiter=_ASKING, abandon_on_cancel=True)
    except TimeoutError:
        cause = f"no answer within {PATIENCE_SECONDS:g} s"
        raise DatabaseUnavailableError("of the plant", cause, "'routing-ml doctor' looks further") from None
