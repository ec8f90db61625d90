import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.monitoring.log_files import QUALITY_LOGGER, LogFiles, app_log_file, log_files
from backend.monitoring.log_format import CONTINUATION, LineFormatter, request_id, secrets_of
from backend.settings import Settings, load_settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(tmp_path)


@pytest.fixture
def opened(settings: Settings) -> Iterator[LogFiles]:
    with log_files(settings, console=False) as files:
        yield files


@pytest.mark.usefixtures("opened")
def test_a_quality_line_lands_in_the_runbooks_file_and_in_the_application_log(settings: Settings) -> None:
    logging.getLogger(QUALITY_LOGGER).info("cycle c1: mae 4.20 min")

    assert "cycle c1: mae 4.20 min" in settings.quality_log_file.read_text("utf-8")
    assert "cycle c1: mae 4.20 min" in app_log_file(settings).read_text("utf-8")


@pytest.mark.usefixtures("opened")
def test_the_quality_log_can_be_followed_before_its_first_line(settings: Settings) -> None:
    assert settings.quality_log_file.read_bytes() == b""


@pytest.mark.usefixtures("opened")
def test_a_line_carries_the_id_of_its_request(settings: Settings) -> None:
    token = request_id.set("req-7")
    logging.getLogger("routing_ml.access").info("hello")
    request_id.reset(token)

    assert "[req-7] hello" in app_log_file(settings).read_text("utf-8")


def formatted(message: str, secrets: tuple[str, ...] = ()) -> str:
    return LineFormatter(secrets).format(logging.LogRecord("x", logging.INFO, "f.py", 1, message, None, None))


@given(st.text())
def test_no_message_can_forge_a_second_line(message: str) -> None:
    assert len(formatted(message).splitlines()) == 1


def test_a_traceback_keeps_its_lines_but_none_can_pass_for_a_log_line() -> None:
    try:
        int("bad\n2026-01-01T00:00:00.000Z INFO root [-] all is well")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "f.py", 1, "failed", None, sys.exc_info())
    first, *rest = LineFormatter().format(record).splitlines()

    assert first.endswith("failed")
    assert len(rest) > 3
    assert all(line.startswith(CONTINUATION) for line in rest)


def test_a_configured_password_is_never_written() -> None:
    assert formatted("login with hunter22 refused", ("hunter22",)).endswith("login with *** refused")


def test_a_password_in_a_url_is_known_as_written_and_as_sent_and_a_broken_url_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("DATABASE_URL=postgresql://u:p%40ss@h/d\nSTATE_DATABASE_URL=x://[broken\n")
    assert set(secrets_of(load_settings(tmp_path))) == {"p%40ss", "p@ss"}


def test_closing_leaves_the_loggers_as_they_were(settings: Settings) -> None:
    before = (list(logging.getLogger().handlers), logging.getLogger().level)
    with log_files(settings, console=False):
        pass

    assert (list(logging.getLogger().handlers), logging.getLogger().level) == before


def test_a_full_disk_drops_lines_and_counts_them_but_raises_nothing(settings: Settings) -> None:
    settings.log_dir.parent.mkdir(parents=True)
    settings.log_dir.write_text("a file where the folder should be")
    told: list[str] = []
    files = LogFiles(settings, console=False, on_dropped_line=lambda: told.append("one"))
    files.open()
    before = files.dropped_lines  # opening warns, and so loses that line
    logging.getLogger("routing_ml").info("lost")
    files.close()

    assert files.dropped_lines == len(told) == before + 1


SHELL_REDIRECTED = """
import logging, sys
from pathlib import Path
from backend.monitoring.log_rotation import RotationPolicy
from backend.monitoring.redirected_output import RedirectedOutput

output = RedirectedOutput(Path("logs"), RotationPolicy(1000, 1e9, 1e9))
for number in range(100):
    print(f"line {number:04d}", "x" * 40, flush=True)
    output.rotate_if_due()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be renamed on Windows")
def test_output_redirected_by_a_shell_is_rotated_without_losing_a_line(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    with (tmp_path / "logs/uvicorn.log").open("wb") as target:
        subprocess.run([sys.executable, "-c", SHELL_REDIRECTED], cwd=tmp_path, stdout=target, check=True)
    files = sorted((tmp_path / "logs").glob("uvicorn*.log"))
    lines = sorted(line for file in files for line in file.read_text().splitlines())

    assert len(files) > 3
    assert [line[5:9] for line in lines] == [f"{number:04d}" for number in range(100)]


@pytest.mark.skipif(sys.platform == "win32", reason="O_APPEND is set on POSIX only")
def test_a_redirected_file_emptied_by_someone_else_has_no_nul_bytes_after(tmp_path: Path) -> None:
    script = (
        "from backend.monitoring.redirected_output import append_always\n"
        "import os\nappend_always(1)\nos.write(1, b'before\\n')\nos.truncate('out.log', 0)\nos.write(1, b'after\\n')"
    )
    with (tmp_path / "out.log").open("wb") as target:
        subprocess.run([sys.executable, "-c", script], cwd=tmp_path, stdout=target, check=True)

    assert (tmp_path / "out.log").read_bytes() == b"after\n"
