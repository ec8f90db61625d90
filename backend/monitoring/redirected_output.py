"""The server's own output where a shell redirects it into a log file (`> ../logs/uvicorn.log`).

The shell opens the file without O_APPEND and knows nothing of rotation. Both are mended from
inside: the descriptors get O_APPEND, and rotation renames the file and points them at a new one.
"""

import os
import stat
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

from backend.monitoring.log_rotation import CHECK_SECONDS, RotationPolicy, set_aside, tidy

OUTPUT_DESCRIPTORS: Final = (1, 2)


def append_always(descriptor: int) -> bool:
    """Set O_APPEND on a descriptor that is a regular file; tell whether it was one. Does nothing on Windows."""
    if sys.platform == "win32" or not _is_regular(descriptor):
        return False
    import fcntl  # noqa: PLC0415 - does not exist on Windows

    flags = fcntl.fcntl(descriptor, fcntl.F_GETFL)
    fcntl.fcntl(descriptor, fcntl.F_SETFL, flags | os.O_APPEND)
    return True


def _is_regular(descriptor: int) -> bool:
    try:
        return stat.S_ISREG(os.fstat(descriptor).st_mode)
    except OSError:
        return False


class RedirectedOutput:
    """Watches stdout and stderr and rotates the log file that they are redirected into."""

    def __init__(
        self,
        log_folder: Path,
        policy: RotationPolicy,
        *,
        descriptors: tuple[int, ...] = OUTPUT_DESCRIPTORS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._folder = log_folder
        self._policy = policy
        self._clock = clock
        self._descriptors = tuple(number for number in descriptors if append_always(number))
        self._paths = {number: self._path_behind(number) for number in self._descriptors}
        self._started_at = clock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Look once a minute, in the background, where there is a file to look after."""
        if any(self._paths.values()):
            self._thread = threading.Thread(target=self._watch, name="log-rotation", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Stop looking."""
        self._stop.set()
        if self._thread:
            self._thread.join(timeout=5)

    def rotate_if_due(self) -> None:
        """Rotate by size and age, and follow a rename that another process made."""
        for path in {path for path in self._paths.values() if path}:
            now = self._clock()
            if self._is_due(path, now):
                set_aside(path, partial(self._writes_to, path))
            self._follow(path, now)
            tidy(path, self._policy, now)

    def _watch(self) -> None:
        while not self._stop.wait(CHECK_SECONDS):
            self.rotate_if_due()

    def _is_due(self, path: Path, now: float) -> bool:
        with suppress(OSError):
            size = path.stat().st_size
            too_old = now - self._started_at > self._policy.max_age_seconds
            return size > 0 and (too_old or size > self._policy.max_bytes)
        return False

    def _writes_to(self, path: Path) -> bool:
        return bool(self._behind(path))

    def _follow(self, path: Path, now: float) -> None:
        """Point the descriptors at the file that has the name now, making it if there is none."""
        ours = [number for number, known in self._paths.items() if known == path]
        if len(self._behind(path)) == len(ours):
            return
        with suppress(OSError):
            fresh = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
            for number in ours:
                os.dup2(fresh, number)
            os.close(fresh)
            self._started_at = now

    def _behind(self, path: Path) -> list[int]:
        """Return the watched descriptors that write to the file of this name."""
        try:
            named = path.stat()
        except OSError:
            return []
        watched = [number for number, known in self._paths.items() if known == path]
        return [number for number in watched if os.path.samestat(os.fstat(number), named)]

    def _path_behind(self, descriptor: int) -> Path | None:
        here = os.fstat(descriptor)
        for path in sorted(self._folder.rglob("*.log")):
            with suppress(OSError):
                if os.path.samestat(path.stat(), here):
                    return path
        return None
