"""Log files that several processes share: appended line by line, rotated by size and age, gzipped, deleted.

Nothing is lost when two servers write one file. Each line is one write to a descriptor opened for
appending; before a line a process looks whether the name still means its file and follows if not;
the rename itself happens under a file lock; and a rotated file is compressed only after nobody
has written to it for a minute.
"""

import gzip
import logging
import os
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from backend.settings import Settings

SECONDS_PER_DAY: Final = 86_400
QUIET_SECONDS: Final = 60
"""A rotated file is compressed once it has been left alone for this long."""
CHECK_SECONDS: Final = 60
"""How often old files are looked for, and how long to wait after a rename was refused."""


@dataclass(frozen=True, slots=True)
class RotationPolicy:
    """When a log file is put aside and when it is thrown away."""

    max_bytes: int
    max_age_seconds: float
    keep_seconds: float

    @staticmethod
    def of(settings: Settings) -> "RotationPolicy":
        """Read the policy from the settings' logging section."""
        chosen = settings.config.logging
        return RotationPolicy(
            int(chosen.rotate_megabytes * 1_000_000),
            chosen.rotate_days * SECONDS_PER_DAY,
            chosen.keep_days * SECONDS_PER_DAY,
        )


def first_line_time(path: Path) -> float | None:
    """Return the epoch seconds of the timestamp that the first line starts with, None without one."""
    with suppress(OSError, ValueError):
        with path.open("rb") as file:
            moment = file.read(23).decode("ascii")
        return datetime.strptime(moment, "%Y-%m-%dT%H:%M:%S.%f").replace(tzinfo=UTC).timestamp()
    return None


def set_aside(path: Path, is_due: Callable[[], bool]) -> bool:
    """Rename a log file to a name with the time in it, unless another process just did; tell whether it moved."""
    with suppress(Timeout, OSError), FileLock(path.with_name(f".{path.name}.lock"), timeout=0):
        if is_due():
            os.rename(path, _free_name(path))  # noqa: PTH104 - Path.rename would return a path nobody needs
            return True
    return False


def _free_name(path: Path) -> Path:
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    return path.with_name(f"{path.stem}-{moment}{path.suffix}")


def tidy(path: Path, policy: RotationPolicy, now: float) -> None:
    """Compress the rotated files of a log that are quiet, delete those past their time."""
    with suppress(Timeout, OSError), FileLock(path.with_name(f".{path.name}.tidy.lock"), timeout=0):
        for rotated in path.parent.glob(f"{path.stem}-*Z{path.suffix}*"):
            age_seconds = now - rotated.stat().st_mtime
            if age_seconds > policy.keep_seconds or rotated.name.endswith(".tmp"):
                rotated.unlink()
            elif rotated.suffix == path.suffix and age_seconds > QUIET_SECONDS:
                _compress(rotated)


def _compress(path: Path) -> None:
    """Replace a file by its gzip, keeping its time so that it is deleted when due."""
    packed, unfinished = path.with_name(path.name + ".gz"), path.with_name(path.name + ".gz.tmp")
    with path.open("rb") as source, gzip.open(unfinished, "wb") as target:
        shutil.copyfileobj(source, target)
    times = path.stat()
    os.utime(unfinished, (times.st_atime, times.st_mtime))
    unfinished.replace(packed)
    path.unlink()


class SharedRotatingHandler(logging.Handler):
    """Writes to a log file that other processes may write and rotate at the same time."""

    def __init__(
        self,
        path: Path,
        policy: RotationPolicy,
        clock: Callable[[], float] = time.time,
        on_dropped_line: Callable[[], None] | None = None,
    ) -> None:
        super().__init__()
        self.path = path
        self._on_dropped_line = on_dropped_line
        self.dropped_lines = 0
        self._policy = policy
        self._clock = clock
        self._descriptor: int | None = None
        self._started_at = 0.0
        self._next_check_at = 0.0

    def emit(self, record: logging.LogRecord) -> None:
        """Append the record; a line that cannot be written is counted, never raised."""
        try:
            line = self.format(record) + "\n"
            self._prepare(len(line))
            _write_whole(self._open_descriptor(), line.encode("utf-8", "backslashreplace"))
        except (OSError, ValueError, TypeError):
            self.dropped_lines += 1
            if self._on_dropped_line:
                self._on_dropped_line()

    def close(self) -> None:
        """Let go of the file."""
        self.acquire()
        try:
            self._release()
        finally:
            self.release()
        super().close()

    def _prepare(self, incoming_bytes: int) -> None:
        self._follow_rename()
        now = self._clock()
        if self._is_due(now, incoming_bytes) and set_aside(self.path, self._still_ours):
            self._release()
        if now >= self._next_check_at:
            self._next_check_at = now + CHECK_SECONDS
            tidy(self.path, self._policy, now)

    def _is_due(self, now: float, incoming_bytes: int) -> bool:
        size = os.fstat(self._open_descriptor()).st_size
        too_old = now - self._started_at > self._policy.max_age_seconds
        return size > 0 and (too_old or size + incoming_bytes > self._policy.max_bytes)

    def _still_ours(self) -> bool:
        try:
            return os.path.samestat(os.fstat(self._open_descriptor()), self.path.stat())
        except FileNotFoundError:
            return False

    def _follow_rename(self) -> None:
        if self._descriptor is not None and not self._still_ours():
            self._release()

    def _open_descriptor(self) -> int:
        if self._descriptor is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
            self._started_at = first_line_time(self.path) or self._clock()
        return self._descriptor

    def _release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _write_whole(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
