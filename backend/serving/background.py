"""Calls in daemon threads: one that hangs can neither hold a request nor the process's end."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

ResultT = TypeVar("ResultT")


def start_in_background(call: Callable[[], ResultT], name: str) -> "Future[ResultT]":
    """Start a call in a daemon thread of its own; its result or exception is in the future."""
    future: Future[ResultT] = Future()
    future.set_running_or_notify_cancel()

    def run() -> None:
        try:
            future.set_result(call())
        except BaseException as error:  # noqa: BLE001 - handed to whoever waits, who raises it
            future.set_exception(error)

    threading.Thread(target=run, name=name, daemon=True).start()
    return future
