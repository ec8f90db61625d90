"""Rows of a long statement, attended: a database that has gone quiet is asked whether it still answers at all."""

from collections.abc import Generator, Iterator
from concurrent.futures import Future, wait
from threading import Thread
from typing import Final, TypeVar

from sqlalchemy import Engine

from backend._connection_pool import connect, unavailable

ResultT = TypeVar("ResultT")
QUIET_SECONDS: Final = 1.0
"""How long nothing may come before the database is asked; a big statement may rightly take minutes to begin."""
MOST_QUIET_SECONDS: Final = 30.0
"""After each answer it is left alone for twice as long, up to this."""
PROOF_SECONDS: Final = 3.5
"""With the first quiet second a database that is gone is known as such within five."""
LONGEST_SECONDS: Final = 1800.0
"""So long without a row means that this connection is lost, whatever the database answers on others."""


def attended(engine: Engine, batches: Generator[ResultT, None, None]) -> Iterator[ResultT]:
    """Yield what a reader yields; raises DatabaseUnavailableError where nothing comes from a database that is gone.

    The reader runs in daemon threads, because no driver stops waiting for a server that is connected and silent; what
    hangs is left behind.
    """
    waiting: Future[ResultT | None] | None = None
    try:
        while (found := _wait(engine, waiting := _next_of(batches))) is not None:
            yield found
    finally:
        if waiting is None or waiting.done():
            batches.close()


def _next_of(batches: Iterator[ResultT]) -> "Future[ResultT | None]":
    future: Future[ResultT | None] = Future()

    def fetch() -> None:
        try:
            future.set_result(next(batches, None))
        except BaseException as error:  # noqa: BLE001 - handed over to the thread that waits
            future.set_exception(error)

    Thread(target=fetch, name="plant-rows", daemon=True).start()
    return future


def _wait(engine: Engine, future: "Future[ResultT | None]") -> ResultT | None:
    quiet, waited = QUIET_SECONDS, 0.0
    while not wait([future], quiet).done:
        waited += quiet
        if waited > LONGEST_SECONDS:
            raise unavailable(engine.url, TimeoutError(f"no row within {waited / 60:.0f} minutes"))
        connect(engine, PROOF_SECONDS).close()
        quiet = min(2 * quiet, MOST_QUIET_SECONDS)
    return future.result()
