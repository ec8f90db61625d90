"""The files of one log: the one that is written to, and the rotated ones before it, gzipped or not."""

import gzip
import hashlib
import logging
import os
import re
import tempfile
import time
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import IO, Final, cast

from backend.monitoring.log_files import app_log_file
from backend.settings import Settings

_PIECE_BYTES: Final = 262_144
_HEAD_BYTES: Final = 16_384
_UNPACKED_IN_MEMORY_BYTES: Final = 32 * 1024 * 1024
_QUIET_SECONDS: Final = 1.0
_PACKED: Final = ".gz"
_TIMED_LINE: Final = re.compile(rb"^(\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-5]\d\.\d{3})Z .*\n", re.MULTILINE)
_DAMAGED: Final = (gzip.BadGzipFile, EOFError, zlib.error)
_logger = logging.getLogger(__name__)


class LogSource(StrEnum):
    """The logs that may be read; a client names one, never a file."""

    APP = "app"
    """Everything that server processes log, kept across restarts."""
    QUALITY = "quality"
    """Quality evaluations."""
    SERVER = "server"
    """What the shell's redirect catches, crashes of the interpreter too."""


def log_path(settings: Settings, source: LogSource) -> Path:
    """Return the file that a log is written to."""
    paths = {
        LogSource.APP: app_log_file(settings),
        LogSource.QUALITY: settings.quality_log_file,
        LogSource.SERVER: settings.root / "logs" / "uvicorn.log",
    }
    return paths[source]


@dataclass(frozen=True, slots=True)
class LogPart:
    """One file of a log. Its first lines tell it from all others, whatever it is called by then."""

    path: Path
    is_live: bool
    fingerprint: str
    started_at: datetime
    """The first time in it, or where its first lines have none, when it was last written to; naive UTC."""

    @contextmanager
    def opened(self) -> Iterator[IO[bytes]]:
        """Open it for reading from any place; a gzipped one is unpacked first, a large one into a temporary file."""
        if self.path.suffix != _PACKED:
            with self.path.open("rb") as file:
                if _fingerprint(file.read(_HEAD_BYTES)) != self.fingerprint:
                    raise FileNotFoundError(self.path)  # renamed since, and another one in its place
                yield file
            return
        with (
            gzip.open(self.path) as packed,
            tempfile.SpooledTemporaryFile(max_size=_UNPACKED_IN_MEMORY_BYTES) as unpacked,
        ):
            for piece in _pieces(cast(IO[bytes], packed), self.path.name):
                unpacked.write(piece)
            yield unpacked

    def has_ended(self) -> bool:
        """Tell whether no process has a last line for it any more: rotated, and left alone since."""
        if self.is_live or self.path.suffix == _PACKED:
            return not self.is_live
        return time.time() - self.path.stat().st_mtime > _QUIET_SECONDS


def parts_newest_first(path: Path) -> Iterator[LogPart]:
    """Return the files of a log that have a whole line; each is looked at only when it is asked for."""
    for each in (path, *_rotated(path)):
        part = _part(each, is_live=each == path)
        if part is not None:
            yield part


def stream_log(path: Path, *, with_rotated: bool) -> Iterator[bytes]:
    """Return a log's content in pieces, up to where it ends now, oldest first.

    All files are opened before the first piece, so that rotation and deletion take nothing away meanwhile.
    """
    with ExitStack() as stack:
        parts = [part for part in parts_newest_first(path) if with_rotated or part.is_live]
        files = [stack.enter_context(_reading(part)) for part in reversed(parts)]
        live_bytes = os.fstat(files[-1].fileno()).st_size if parts and parts[0].is_live else None
        names = [part.path.name for part in reversed(parts)]
        for number, (file, name) in enumerate(zip(files, names, strict=True), start=1):
            yield from _pieces(file, name, live_bytes if number == len(files) else None)


def _pieces(file: IO[bytes], name: str, most: int | None = None) -> Iterator[bytes]:
    """Return what can be read; a loss of power may have left a gzipped file without its end."""
    left = most
    try:
        while piece := file.read(_PIECE_BYTES if left is None else min(_PIECE_BYTES, left)):
            left = None if left is None else left - len(piece)
            yield piece
    except _DAMAGED as error:
        _logger.warning("%s is shown without its end: it is no whole gzip file (%s)", name, error)


def _reading(part: LogPart) -> IO[bytes]:
    """Open a file to be read through once."""
    if part.path.suffix == _PACKED:
        return cast(IO[bytes], gzip.open(part.path))
    return part.path.open("rb")


def _rotated(path: Path) -> list[Path]:
    """Return rotated files, newest first; their names begin alike and go on with the time."""
    found = [each for each in path.parent.glob(f"{path.stem}-*Z{path.suffix}*") if not each.name.endswith(".tmp")]
    by_name = {each.name.removesuffix(_PACKED): each for each in sorted(found, reverse=True)}  # the unpacked one wins
    return [by_name[name] for name in sorted(by_name, reverse=True)]


def _part(path: Path, *, is_live: bool) -> LogPart | None:
    for name in (path, path.with_name(path.name + _PACKED)):  # it may be gzipped at this very moment
        try:
            with gzip.open(name) if name.suffix == _PACKED else name.open("rb") as file:
                head = file.read(_HEAD_BYTES)
            modified_at = int(name.stat().st_mtime)
        except FileNotFoundError:
            continue
        except _DAMAGED as error:
            _logger.warning("%s is left out: it is no whole gzip file (%s); delete it", name.name, error)
            return None
        return _identified(name, head, modified_at, is_live=is_live) if b"\n" in head else None
    return None


def _identified(path: Path, head: bytes, modified_at: int, *, is_live: bool) -> LogPart:
    """Know a file by its lines up to the first with a time.

    Where the shell's redirect makes the file, lines of the server's start come before, the same at every start.
    """
    timed = _TIMED_LINE.search(head)
    moment = read_time(timed[1].decode()) if timed else None
    started_at = moment or datetime.fromtimestamp(modified_at, UTC).replace(tzinfo=None)
    return LogPart(path, is_live, _fingerprint(head), started_at)


def read_time(text: str) -> datetime | None:
    """Return the time at the start of a line; None where it only looks like one, as 2025-19-39 does."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _fingerprint(head: bytes) -> str:
    timed = _TIMED_LINE.search(head)
    first = head[: timed.end()] if timed else head.partition(b"\n")[0]
    return hashlib.sha256(first).hexdigest()[:16]
