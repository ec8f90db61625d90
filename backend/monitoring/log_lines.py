"""Whole lines of a log file from either end, a block at a time, however large the file or a line."""

import os
from collections.abc import Iterator
from typing import IO, Final

from backend.monitoring.log_entries import LogLine

BLOCK_BYTES: Final = 65_536
MOST_LINE_BYTES: Final = 1_048_576
"""A longer line is taken in parts."""


def end_of_lines(file: IO[bytes]) -> int:
    """Return where the last whole line ends; a line that is still being written has no end yet."""
    position = file.seek(0, os.SEEK_END)
    while position > 0:
        start = max(0, position - BLOCK_BYTES)
        file.seek(start)
        found = file.read(position - start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        position = start
    return 0


def lines_backwards(file: IO[bytes], end: int) -> Iterator[LogLine]:
    """Return the lines before `end`, which is behind a line feed, newest first."""
    position, rest, rest_end = end, b"", end
    while position > 0:
        start = max(0, position - BLOCK_BYTES)
        file.seek(start)
        block = file.read(position - start) + rest
        if start + len(block) != rest_end:
            return  # the file was emptied while we read it
        first, *others = _split(block)
        for line in reversed(others):
            line_start = rest_end - len(line)
            yield LogLine(line_start, rest_end, line.removesuffix(b"\n"))
            rest_end = line_start
        position, rest = start, first
        if len(rest) > MOST_LINE_BYTES:
            yield LogLine(start, rest_end, rest.removesuffix(b"\n"))
            rest, rest_end = b"", start
    if rest:
        yield LogLine(0, rest_end, rest.removesuffix(b"\n"))


def _split(block: bytes) -> list[bytes]:
    """Split behind every line feed and nowhere else; the pieces keep it."""
    pieces = block.split(b"\n")
    whole = [piece + b"\n" for piece in pieces[:-1]]
    return [*whole, pieces[-1]] if pieces[-1] else whole or [b""]


def lines_forwards(file: IO[bytes], start: int) -> Iterator[LogLine]:
    """Return the whole lines from `start` on, in order; a line without an end is left for later."""
    position = start
    file.seek(start)
    while line := file.readline(MOST_LINE_BYTES):
        if not line.endswith(b"\n") and len(line) < MOST_LINE_BYTES:
            return
        yield LogLine(position, position + len(line), line.removesuffix(b"\n"))
        position += len(line)
