"""Children that do one thing and may be killed, stopped or traced while they do it (Linux)."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

from backend.errors import RoutingMLError

DONE: Final = 0
REFUSED: Final = 1
"""The action raised; it has to mean that nothing was changed."""
PATIENCE_SECONDS: Final = 60.0


class HungError(Exception):
    """A child neither ended nor failed."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child ended."""

    status: int | None
    """Its exit status; None where a signal ended it."""

    @property
    def killed(self) -> bool:
        """Return whether a signal ended it."""
        return self.status is None


def start(action: Callable[[], object], *, stopped: bool = False) -> int:
    """Start a child that does one thing; return its process id. A fork saves it a second of imports."""
    child = os.fork()
    if child == 0:
        _be_child(action, stopped)
    if stopped:
        os.waitpid(child, os.WUNTRACED)
    return child


def _be_child(action: Callable[[], object], stopped: bool) -> NoReturn:
    status = REFUSED
    try:
        if stopped:
            os.kill(os.getpid(), signal.SIGSTOP)
        with contextlib.suppress(RoutingMLError, OSError, MemoryError):
            action()
            status = DONE
    finally:
        os._exit(status)


def wait(child: int) -> Ended:
    """Wait for a child's end; raises HungError."""
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            return Ended(os.WEXITSTATUS(status) if os.WIFEXITED(status) else None)
        if time.monotonic() > end:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            raise HungError(f"a child was not done within {PATIENCE_SECONDS:g} s")
        time.sleep(0.0005)


def run_traced(action: Callable[[], object], log: Path, *rules: str) -> Ended:
    """Run an action in a child under strace with these rules; its calls are in the log."""
    child = start(action, stopped=True)
    command = ["strace", "-qq", "-o", str(log), "-p", str(child), *rules]
    tracer = subprocess.Popen(command, stderr=subprocess.PIPE)  # noqa: S603 - Debian's strace
    try:
        _wait_for_tracer(child, tracer)
        os.kill(child, signal.SIGCONT)
        return wait(child)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGCONT)
        tracer.communicate(timeout=PATIENCE_SECONDS)


def _wait_for_tracer(child: int, tracer: "subprocess.Popen[bytes]") -> None:
    status = Path("/proc") / str(child) / "status"
    while "TracerPid:\t0\n" in status.read_text(encoding="ascii"):
        if tracer.poll() is not None:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            raise OSError("strace cannot attach")
        time.sleep(0.0005)
