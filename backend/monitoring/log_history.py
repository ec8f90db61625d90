"""Reads one log through all its files: pages from the newest entry back, and what came after an entry.

Positions survive rotation, gzip and deletion: they name a file by its first line, a place in it, and a time.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import dropwhile
from pathlib import Path
from typing import Final, TypeVar

from backend.monitoring.log_entries import LogEntry, LogFilter, entries_forwards, groups_backwards, read_entry
from backend.monitoring.log_lines import end_of_lines, lines_backwards, lines_forwards
from backend.monitoring.log_parts import LogPart, parts_newest_first

ResultT = TypeVar("ResultT")

MOST_BYTES: Final = 16 * 1024 * 1024
"""That one page looks through; after that it says how far it came."""
_ATTEMPTS: Final = 5
_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - naive UTC, as everywhere inside
_POSITION: Final = re.compile(r"([0-9a-f]{16})\.(\d{1,15})\.(\d{1,14})")
POSITION_PATTERN: Final = rf"^{_POSITION.pattern}$"


@dataclass(frozen=True, slots=True)
class LogPosition:
    """A place in a log."""

    fingerprint: str
    offset: int
    milliseconds: int
    """When the entry there was written, since 1970: where to go on when its file is gone."""

    @classmethod
    def parse(cls, text: str | None) -> "LogPosition | None":
        """Read a position that was handed out; None for anything else.

        >>> LogPosition.parse("00112233445566ff.120.1760000000000")
        LogPosition(fingerprint='00112233445566ff', offset=120, milliseconds=1760000000000)
        """
        match = _POSITION.fullmatch(text or "")
        return cls(match[1], int(match[2]), int(match[3])) if match else None

    def __str__(self) -> str:
        return f"{self.fingerprint}.{self.offset}.{self.milliseconds}"

    @property
    def time(self) -> datetime:
        """Return the time in it as naive UTC."""
        return _EPOCH + timedelta(milliseconds=self.milliseconds)


class PageEnd(StrEnum):
    """Why a page ends where it ends."""

    START_OF_LOG = "start_of_log"
    """There is nothing older, or nothing that is wanted."""
    LIMIT = "limit"
    """As many entries were found as were asked for."""
    SEARCHED_ENOUGH = "searched_enough"
    """As much was looked through as one page may; the next page goes on there."""


@dataclass(frozen=True, slots=True)
class PlacedEntry:
    """An entry with where it begins and ends."""

    entry: LogEntry
    begin: LogPosition
    end: LogPosition


@dataclass(frozen=True, slots=True)
class LogPage:
    """Entries, newest first."""

    entries: tuple[PlacedEntry, ...]
    ended_by: PageEnd
    next: LogPosition | None
    """Where an older page begins; None at the start of the log."""


class LogHistory:
    """One log, read only."""

    def __init__(self, path: Path, most_bytes: int = MOST_BYTES) -> None:
        self._path = path
        self._most_bytes = most_bytes

    def page(self, wanted: LogFilter, limit: int, before: LogPosition | None = None) -> LogPage:
        """Return the newest wanted entries before a position; reads no more than it needs, and not for ever."""
        return _tried(lambda: self._page(wanted, limit, before))

    def newest(self) -> LogPosition:
        """Return the end of the log, from which new entries can be awaited."""
        return _tried(self._newest)

    def after(self, position: LogPosition, most: int) -> tuple[PlacedEntry, ...]:
        """Return the next entries in the order in which they were written, `most` of them at most."""
        return _tried(lambda: self._after(position, most))

    def _newest(self) -> LogPosition:
        part = next(parts_newest_first(self._path), None)
        if part is None:
            return NOWHERE
        with part.opened() as file:
            end = end_of_lines(file)
            last = next(groups_backwards(lines_backwards(file, end)), None)
        return _position(part, end, read_entry(last) if last else None)

    def _after(self, position: LogPosition, most: int) -> tuple[PlacedEntry, ...]:
        found: list[PlacedEntry] = []
        for part, start in self._parts_after(position):
            with part.opened() as file:
                for entry in entries_forwards(lines_forwards(file, start)):
                    found.append(_placed(part, entry))
                    if len(found) == most:
                        return tuple(found)
            if not part.has_ended():
                break
        return tuple(found)

    def _page(self, wanted: LogFilter, limit: int, before: LogPosition | None) -> LogPage:
        found: list[PlacedEntry] = []
        left = self._most_bytes
        for part, end in self._parts_before(before):
            if wanted.until is not None and part.started_at >= wanted.until:
                continue
            with part.opened() as file:
                for lines in groups_backwards(lines_backwards(file, end_of_lines(file) if end is None else end)):
                    left -= lines[-1].end - lines[0].start
                    if left > 0 and wanted.since is None and not wanted.may_admit(lines):
                        continue
                    entry = read_entry(lines)
                    if wanted.is_passed_by(entry):
                        return LogPage(tuple(found), PageEnd.START_OF_LOG, None)
                    if wanted.admits(entry):
                        found.append(_placed(part, entry))
                    if len(found) == limit:
                        return LogPage(tuple(found), PageEnd.LIMIT, found[-1].begin)
                    if left <= 0:
                        return LogPage(tuple(found), PageEnd.SEARCHED_ENOUGH, _placed(part, entry).begin)
        return LogPage(tuple(found), PageEnd.START_OF_LOG, None)

    def _parts_before(self, position: LogPosition | None) -> Iterator[tuple[LogPart, int | None]]:
        """Return the files from a position back, each with where to begin in it (None: at its end)."""
        parts = parts_newest_first(self._path)
        if position is None:
            yield from ((part, None) for part in parts)
            return
        older = dropwhile(lambda part: part.fingerprint != position.fingerprint, parts)
        first = next(older, None)
        if first is not None:
            yield first, position.offset
            yield from ((part, None) for part in older)
            return
        again = parts_newest_first(self._path)  # its file was emptied, or deleted when it was old enough
        yield from ((part, None) for part in again if part.started_at < position.time)

    def _parts_after(self, position: LogPosition) -> list[tuple[LogPart, int]]:
        """Return the files from a position on, oldest first, each with where to begin in it."""
        newer: list[LogPart] = []
        for part in parts_newest_first(self._path):
            if part.fingerprint == position.fingerprint:
                return [(part, position.offset), *((each, 0) for each in reversed(newer))]
            newer.append(part)
        return [(part, 0) for part in reversed(newer) if part.started_at >= position.time]


NOWHERE: Final = LogPosition("0" * 16, 0, 0)
"""The end of a log that nobody has written to."""


def _tried(read: Callable[[], ResultT]) -> ResultT:
    """Read once more where a file was renamed or gzipped between being found and being opened."""
    for _ in range(_ATTEMPTS - 1):
        with suppress(FileNotFoundError):
            return read()
    return read()


def _placed(part: LogPart, entry: LogEntry) -> PlacedEntry:
    begin = _position(part, entry.start, entry)
    return PlacedEntry(entry, begin, replace(begin, offset=entry.end))


def _position(part: LogPart, offset: int, entry: LogEntry | None) -> LogPosition:
    moment = (entry.time if entry else None) or part.started_at
    return LogPosition(part.fingerprint, offset, int((moment - _EPOCH) / timedelta(milliseconds=1)))
