import gzip
import os
import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.monitoring import log_lines
from backend.monitoring.log_entries import MOST_CHARACTERS, LogFilter
from backend.monitoring.log_history import NOWHERE, LogHistory, LogPage, LogPosition, PageEnd, PlacedEntry
from backend.monitoring.log_lines import lines_backwards, lines_forwards
from backend.monitoring.log_parts import parts_newest_first, read_time, stream_log

NOON = datetime(2026, 3, 1, 12)  # noqa: DTZ001 - naive UTC, as everywhere inside
TRACEBACK = '  | Traceback (most recent call last):\n  |   File "a.py"\n  | ValueError: x'


def line(number: int, level: str = "INFO", detail: str = "") -> str:
    moment = (NOON + timedelta(seconds=number)).isoformat(timespec="milliseconds")
    return f"{moment}Z {level} routing_ml.api [req{number}] message {number}\n" + (detail and detail + "\n")


def messages(found: LogPage | tuple[PlacedEntry, ...]) -> list[str]:
    placed = found.entries if isinstance(found, LogPage) else found
    return [one.entry.message for one in placed]


def numbered(*numbers: int) -> list[str]:
    return [f"message {number}" for number in numbers]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "app.log"
    path.write_text("".join(line(number) for number in range(6)))
    return path


def rotate(path: Path, moment: str, *, packed: bool = False, quiet: bool = True) -> Path:
    """Put the file aside as rotation does; a quiet one was last written to long ago."""
    aside = path.with_name(f"{path.stem}-{moment}Z.log")
    path.rename(aside)
    if quiet:
        os.utime(aside, (1_000_000_000, 1_000_000_000))
    if packed:
        target = aside.with_name(aside.name + ".gz")
        with aside.open("rb") as source, gzip.open(target, "wb") as file:
            shutil.copyfileobj(source, file)
        aside.unlink()
        return target
    return aside


def test_pages_go_back_from_the_newest_entry_and_lose_and_repeat_nothing(log: Path) -> None:
    history = LogHistory(log)
    first = history.page(LogFilter(), 4)
    second = history.page(LogFilter(), 4, first.next)

    assert messages(first) == numbered(5, 4, 3, 2)
    assert first.ended_by is PageEnd.LIMIT
    assert messages(second) == numbered(1, 0)
    assert (second.ended_by, second.next) == (PageEnd.START_OF_LOG, None)


def test_an_entry_has_time_level_logger_request_and_its_traceback(log: Path) -> None:
    with log.open("a") as file:
        file.write(line(6, "ERROR", TRACEBACK) + line(7))
    _, placed, *_ = LogHistory(log).page(LogFilter(), 10).entries
    entry = placed.entry

    assert (entry.time, entry.level, entry.logger, entry.request_id) == (
        NOON + timedelta(seconds=6), "ERROR", "routing_ml.api", "req6"
    )  # fmt: skip
    assert entry.detail.splitlines() == ["Traceback (most recent call last):", '  File "a.py"', "ValueError: x"]
    assert not entry.cut


@pytest.mark.parametrize("packed", [False, True])
def test_a_cursor_survives_rotation_and_gzip(log: Path, packed: bool) -> None:
    history = LogHistory(log)
    first = history.page(LogFilter(), 2)
    rotate(log, "20260301T120010.000000", packed=packed)
    log.write_text("".join(line(number) for number in range(20, 23)))

    assert messages(history.page(LogFilter(), 10, first.next)) == numbered(3, 2, 1, 0)
    assert messages(history.page(LogFilter(), 10)) == numbered(22, 21, 20, 5, 4, 3, 2, 1, 0)


def test_a_file_in_both_forms_while_it_is_gzipped_is_read_once(log: Path) -> None:
    aside = rotate(log, "20260301T120010.000000")
    aside.with_name(aside.name + ".gz").write_bytes(gzip.compress(aside.read_bytes()))
    aside.with_name(aside.name + ".gz.tmp").write_bytes(b"half")

    assert messages(LogHistory(log).page(LogFilter(), 10)) == numbered(5, 4, 3, 2, 1, 0)


def test_a_cursor_whose_file_was_emptied_goes_on_with_older_files(log: Path) -> None:
    rotate(log, "20260301T120010.000000")
    log.write_text(line(20) + line(21))
    history = LogHistory(log)
    cursor = history.page(LogFilter(), 1).next
    log.write_text(line(40))  # as a restart's redirect does

    assert messages(history.page(LogFilter(), 10, cursor)) == numbered(5, 4, 3, 2, 1, 0)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (LogFilter(level="WARNING"), [7, 6]),
        (LogFilter(level="ERROR"), [7]),
        (LogFilter(text="MESSAGE 3"), [3]),
        (LogFilter(text="valueerror"), [7]),
        (LogFilter(text="req2"), [2]),
        (LogFilter(since=NOON + timedelta(seconds=4), until=NOON + timedelta(seconds=6)), [5, 4]),
        (LogFilter(until=NOON), []),
    ],
)
def test_entries_are_filtered_by_level_text_and_time(log: Path, wanted: LogFilter, found: list[int]) -> None:
    with log.open("a") as file:
        file.write(line(6, "WARNING") + line(7, "ERROR", TRACEBACK))

    assert messages(LogHistory(log).page(wanted, 10)) == numbered(*found)


def test_a_long_search_stops_says_so_and_goes_on_where_it_stopped(log: Path) -> None:
    history = LogHistory(log, most_bytes=3 * len(line(0)))
    first = history.page(LogFilter(text="message 1"), 10)
    second = history.page(LogFilter(text="message 1"), 10, first.next)

    assert (messages(first), first.ended_by) == ([], PageEnd.SEARCHED_ENOUGH)
    assert messages(second) == numbered(1)


class CountingFile:
    """A file that notes how much of it was read."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self.read_bytes = 0

    def seek(self, position: int, whence: int = 0) -> int:
        return self._file.seek(position, whence)

    def read(self, size: int = -1) -> bytes:
        found = self._file.read(size)
        self.read_bytes += len(found)
        return found

    def close(self) -> None:
        self._file.close()


def test_the_end_of_a_huge_log_is_read_without_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    with path.open("wb") as file:
        file.truncate(5_000_000_000)  # a hole: reading it whole would take minutes
        file.seek(0, os.SEEK_END)
        file.write(b"\n" + "".join(line(number) for number in range(1000)).encode())
    counting = CountingFile(path)
    end = log_lines.end_of_lines(counting)  # type: ignore[arg-type]
    lines = lines_backwards(counting, end)  # type: ignore[arg-type]
    newest = [next(lines).text for _ in range(10)]
    counting.close()

    assert newest[0] == line(999).encode().rstrip()
    assert counting.read_bytes <= 3 * log_lines.BLOCK_BYTES


@given(
    content=st.lists(st.binary(max_size=12).map(lambda text: text.replace(b"\n", b"")), max_size=40),
    block=st.integers(1, 9),
)
def test_lines_are_the_same_from_both_ends(
    tmp_path_factory: pytest.TempPathFactory, content: list[bytes], block: int
) -> None:
    path = tmp_path_factory.mktemp("lines") / "log"
    path.write_bytes(b"".join(text + b"\n" for text in content) + b"unfinished")
    with pytest.MonkeyPatch.context() as patch, path.open("rb") as file:
        patch.setattr(log_lines, "BLOCK_BYTES", block)
        forwards = list(lines_forwards(file, 0))
        backwards = list(lines_backwards(file, log_lines.end_of_lines(file)))

    assert [each.text for each in forwards] == content
    assert backwards[::-1] == forwards


def test_a_line_without_end_is_taken_in_parts_and_shown_cut(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text(line(1) + "x" * 3_000_000 + "\n" + line(2))
    page = LogHistory(path).page(LogFilter(), 20)
    long = [placed.entry for placed in page.entries if placed.entry.message.startswith("x")]

    assert messages(page)[0] == "message 2"
    assert messages(page)[-1] == "message 1"
    assert {len(entry.message) for entry in long if entry.cut} == {MOST_CHARACTERS}
    assert sum(entry.end - entry.start for entry in long) == 3_000_001


def test_lines_of_another_form_are_entries_of_their_own_and_plain_text(tmp_path: Path) -> None:
    path = tmp_path / "uvicorn.log"
    path.write_bytes(b"INFO:     Started\nboom\n  indented\n\xff\x1b[31m\n" + line(3).encode())
    entries = [placed.entry for placed in LogHistory(path).page(LogFilter(), 10).entries]

    assert [entry.message for entry in entries] == ["message 3", "\ufffd\\x1b[31m", "boom", "INFO:     Started"]
    assert entries[2].detail == "  indented"
    assert entries[3].level is None
    assert messages(LogHistory(path).page(LogFilter(level="DEBUG"), 10)) == numbered(3)


def test_a_line_that_is_still_being_written_waits(log: Path) -> None:
    with log.open("a") as file:
        file.write(line(6).rstrip("\n"))
    history = LogHistory(log)
    end = history.newest()

    assert messages(history.page(LogFilter(), 1)) == numbered(5)
    assert history.after(end, 10) == ()
    with log.open("a") as file:
        file.write("\n")
    assert messages(history.after(end, 10)) == numbered(6)


def test_what_comes_after_a_position_goes_on_through_rotation_and_gzip(log: Path) -> None:
    history = LogHistory(log)
    end = history.newest()
    with log.open("a") as file:
        file.write(line(6))
    rotate(log, "20260301T120010.000000", packed=True)
    log.write_text(line(20))
    rotate(log, "20260301T120020.000000")
    log.write_text(line(30))
    first, *rest = history.after(end, 10)

    assert messages((first, *rest)) == numbered(6, 20, 30)
    assert messages(history.after(first.end, 1)) == numbered(20)
    assert history.after(rest[-1].end, 10) == ()


def test_a_rotated_file_is_left_only_when_nobody_writes_to_it_any_more(log: Path) -> None:
    history = LogHistory(log)
    end = history.newest()
    aside = rotate(log, "20260301T120010.000000", quiet=False)
    log.write_text(line(20))
    late = NOON.timestamp() + 1e9
    os.utime(aside, (late, late))  # written to just now

    assert history.after(end, 10) == ()
    with aside.open("a") as file:
        file.write(line(6))
    os.utime(aside, (1_000_000_000, 1_000_000_000))
    assert messages(history.after(end, 10)) == numbered(6, 20)


def test_what_follows_an_emptied_file_is_its_new_content(log: Path) -> None:
    history = LogHistory(log)
    end = history.newest()
    log.write_text(line(50))

    assert messages(history.after(end, 10)) == numbered(50)


def test_a_log_that_nobody_has_written_to_begins_with_its_first_line(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    history = LogHistory(path)

    assert history.newest() == NOWHERE
    assert history.page(LogFilter(), 10) == LogPage((), PageEnd.START_OF_LOG, None)
    path.write_text(line(1))
    assert messages(history.after(NOWHERE, 10)) == numbered(1)


@pytest.mark.parametrize("text", [None, "", "0.0.0", "zz112233445566ff.1.1", "00112233445566ff.-1.1", "a" * 9999])
def test_what_is_no_position_is_none(text: str | None) -> None:
    assert LogPosition.parse(text) is None


def test_a_damaged_gzip_is_left_out_and_said(log: Path, caplog: pytest.LogCaptureFixture) -> None:
    log.with_name("app-20260101T000000.000000Z.log.gz").write_bytes(b"no gzip")

    assert messages(LogHistory(log).page(LogFilter(), 10)) == numbered(5, 4, 3, 2, 1, 0)
    assert "no whole gzip file" in caplog.text


def test_of_a_gzip_without_its_end_the_rest_is_shown_and_sent(log: Path, caplog: pytest.LogCaptureFixture) -> None:
    lines = b"".join(b"2025-09-30T12:00:00.%03dZ INFO a [-] line %d %d\n" % (n % 1000, n, n * n) for n in range(40_000))
    packed = log.with_name("app-20250930T120000Z.log.gz")
    packed.write_bytes(gzip.compress(lines)[:-20])
    sent = b"".join(stream_log(log, with_rotated=True))
    assert sent.startswith(lines[: 2**18])
    assert "without its end" in caplog.text
    part = next(part for part in parts_newest_first(log) if part.path == packed)
    with part.opened() as file:
        file.seek(0)
        assert file.read(2**18) == lines[: 2**18]


def test_what_only_looks_like_a_time_is_none() -> None:
    assert read_time("2025-19-39T25:61:61.502") is None
    assert read_time("2025-09-30T12:00:00.502") == datetime(2025, 9, 30, 12, 0, 0, 502_000)  # noqa: DTZ001 - logs are UTC


def test_a_whole_log_is_sent_oldest_first(log: Path) -> None:
    old = log.read_bytes()
    rotate(log, "20260301T120010.000000", packed=True)
    log.write_text(line(20))

    assert b"".join(stream_log(log, with_rotated=True)) == old + line(20).encode()
    assert b"".join(stream_log(log, with_rotated=False)) == line(20).encode()
