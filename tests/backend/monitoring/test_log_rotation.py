import gzip
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.monitoring.log_format import LineFormatter
from backend.monitoring.log_rotation import RotationPolicy, SharedRotatingHandler, tidy

DAY = 86_400.0


class HandClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(tmp_path: Path) -> HandClock:
    (tmp_path / "now").touch()
    return HandClock((tmp_path / "now").stat().st_mtime)


@pytest.fixture
def handler(tmp_path: Path, clock: HandClock) -> Iterator[SharedRotatingHandler]:
    made = SharedRotatingHandler(tmp_path / "app.log", RotationPolicy(2_000, DAY, 90 * DAY), clock)
    made.setFormatter(LineFormatter())
    yield made
    made.close()


def write(handler: logging.Handler, message: str) -> None:
    handler.handle(logging.LogRecord("test", logging.INFO, "f.py", 1, message, None, None))


def rotated(folder: Path, suffix: str = ".log") -> list[Path]:
    return sorted(folder.glob(f"app-*Z{suffix}"))


def test_a_file_that_would_grow_too_large_is_put_aside(handler: SharedRotatingHandler, tmp_path: Path) -> None:
    for number in range(120):
        write(handler, f"message {number}")

    assert len(rotated(tmp_path)) >= 2
    assert all(file.stat().st_size <= 2_000 for file in rotated(tmp_path))


def test_a_file_is_put_aside_a_day_after_its_first_line(
    handler: SharedRotatingHandler, clock: HandClock, tmp_path: Path
) -> None:
    write(handler, "monday")
    clock.now += DAY + 5
    write(handler, "tuesday")

    assert "tuesday" in handler.path.read_text()
    assert "monday" not in handler.path.read_text()
    assert len(rotated(tmp_path, ".log*")) == 1


def test_a_quiet_rotated_file_is_compressed_and_deleted_when_its_time_is_over(
    handler: SharedRotatingHandler, clock: HandClock, tmp_path: Path
) -> None:
    write(handler, "monday")
    clock.now += DAY + 5
    write(handler, "tuesday")
    clock.now += 120
    write(handler, "later")
    (packed,) = rotated(tmp_path, ".log.gz")

    assert "monday" in gzip.decompress(packed.read_bytes()).decode()
    assert rotated(tmp_path) == []

    tidy(handler.path, RotationPolicy(2_000, DAY, 90 * DAY), packed.stat().st_mtime + 91 * DAY)
    assert rotated(tmp_path, ".log.gz") == []


def test_a_file_that_somebody_still_writes_to_is_not_compressed(tmp_path: Path, clock: HandClock) -> None:
    busy = tmp_path / "app-20260101T000000.000000Z.log"
    busy.write_text("still open\n")
    tidy(tmp_path / "app.log", RotationPolicy(2_000, DAY, 90 * DAY), clock.now + 30)

    assert busy.exists()


def test_lines_follow_a_file_renamed_by_another_program(handler: SharedRotatingHandler, tmp_path: Path) -> None:
    write(handler, "before")
    os.rename(handler.path, tmp_path / "moved.log")  # noqa: PTH104
    write(handler, "after")

    assert "after" in handler.path.read_text()


WRITER = """
import logging, sys
from pathlib import Path
from backend.monitoring.log_rotation import RotationPolicy, SharedRotatingHandler

handler = SharedRotatingHandler(Path("app.log"), RotationPolicy(5_000, 1e9, 1e9))
handler.setFormatter(logging.Formatter("%(message)s"))
for number in range(1000):
    handler.handle(logging.LogRecord("t", 20, "f", 1, f"{sys.argv[1]}-{number:04d}-" + "x" * 30, None, None))
assert handler.dropped_lines == 0
"""


def test_three_processes_share_one_file_and_no_line_is_lost_or_torn(tmp_path: Path) -> None:
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, name], cwd=tmp_path) for name in "abc"]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    files = [*rotated(tmp_path), tmp_path / "app.log"]
    lines = [line for file in files for line in file.read_text().splitlines()]

    expected = {f"{name}-{number:04d}-" + "x" * 30 for name in "abc" for number in range(1000)}
    assert len(files) > 5
    assert len(lines) == 3000
    assert set(lines) == expected
