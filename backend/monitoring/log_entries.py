"""Log lines read back: an entry is a line and the lines that continue it, a traceback above all."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from backend.monitoring.log_format import CONTINUATION, escape_controls
from backend.monitoring.log_parts import read_time

LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
"""In rising order."""
MOST_CHARACTERS: Final = 20_000
"""Of a message, and of what continues it; beyond it is cut, and said."""
MOST_LINES: Final = 1000
"""That one entry takes together; more come as entries of their own."""

_HEAD: Final = re.compile(
    r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3})Z (DEBUG|INFO|WARNING|ERROR|CRITICAL) (\S+) \[([^\]]*)\] (.*)", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of a log file and where it lies, in bytes of the unpacked file; the end is behind the line feed."""

    start: int
    end: int
    text: bytes


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One thing that was logged; a line of another form (from before logging was set up) has a message alone."""

    start: int
    end: int
    time: datetime | None
    """Naive UTC."""
    level: str | None
    logger: str | None
    request_id: str | None
    message: str
    detail: str
    """The lines that continue the first, without the mark before them."""
    cut: bool
    """Whether message or detail was longer than is shown."""


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Which entries are wanted; times are naive UTC."""

    level: str | None = None
    """This level and those above it."""
    text: str = ""
    """Found anywhere in message, logger, request id or detail, in capitals or not."""
    since: datetime | None = None
    until: datetime | None = None

    def admits(self, entry: LogEntry) -> bool:
        """Tell whether an entry is wanted; one without time or level only where nobody asks for either."""
        return self._level_fits(entry) and self._time_fits(entry) and self._text_fits(entry)

    def may_admit(self, lines: Sequence[LogLine]) -> bool:
        """Tell from an entry's bytes, at a fraction of the price, whether it is worth a closer look."""
        if self.level is not None and not any(b" " + name.encode() in lines[0].text[24:34] for name in self._names()):
            return False
        if self.text and self.text.isascii():
            return any(self.text.lower().encode() in line.text.lower() for line in lines)
        return True

    def _names(self) -> tuple[str, ...]:
        return LEVELS if self.level is None else LEVELS[LEVELS.index(self.level) :]

    def is_passed_by(self, entry: LogEntry) -> bool:
        """Tell whether an entry is older than all that is wanted."""
        return self.since is not None and entry.time is not None and entry.time < self.since

    def _level_fits(self, entry: LogEntry) -> bool:
        if self.level is None:
            return True
        return entry.level in self._names()

    def _time_fits(self, entry: LogEntry) -> bool:
        if self.since is None and self.until is None:
            return True
        after = self.since is None or (entry.time is not None and entry.time >= self.since)
        before = self.until is None or (entry.time is not None and entry.time < self.until)
        return after and before

    def _text_fits(self, entry: LogEntry) -> bool:
        if not self.text:
            return True
        parts = (entry.message, entry.logger, entry.request_id, entry.detail)
        return any(self.text.lower() in part.lower() for part in parts if part)


def entries_forwards(lines: Iterable[LogLine]) -> Iterator[LogEntry]:
    """Put lines together that come in the order in which they were written."""
    pending: list[LogLine] = []
    for line in lines:
        if pending and (not _continues(line.text) or len(pending) >= MOST_LINES):
            yield read_entry(pending)
            pending.clear()
        pending.append(line)
    if pending:
        yield read_entry(pending)


def groups_backwards(lines: Iterable[LogLine]) -> Iterator[list[LogLine]]:
    """Put the lines of each entry together where lines come newest first; so do the entries."""
    pending: list[LogLine] = []
    for line in lines:
        pending.append(line)
        if not _continues(line.text) or len(pending) >= MOST_LINES:
            yield pending[::-1]
            pending.clear()
    if pending:
        yield pending[::-1]


def _continues(text: bytes) -> bool:
    return not text or text[:1].isspace()


def read_entry(lines: Sequence[LogLine]) -> LogEntry:
    """Read an entry from its lines, the first one first."""
    first = _decoded(lines[0].text)
    match = _HEAD.fullmatch(first)
    detail = "\n".join(_decoded(line.text).removeprefix(CONTINUATION) for line in lines[1:])
    moment, level, logger, request, message = match.groups() if match else (None, None, None, None, first)
    return LogEntry(
        start=lines[0].start,
        end=lines[-1].end,
        time=read_time(moment) if moment else None,
        level=level,
        logger=logger,
        request_id=None if request == "-" else request,
        message=message[:MOST_CHARACTERS],
        detail=detail[:MOST_CHARACTERS],
        cut=max(len(message), len(detail)) > MOST_CHARACTERS,
    )


def _decoded(text: bytes) -> str:
    """Return a line as text; what others wrote into the file may hold anything, so controls are escaped once more."""
    return escape_controls(text.rstrip(b"\r").decode("utf-8", "replace"))
