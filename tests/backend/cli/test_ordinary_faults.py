"""Rights, a full disk, an unreachable database: one line with cause and remedy; bugs stay tracebacks."""

import errno
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

from backend.cli import app as command_line
from backend.cli.doctor.examination import examine
from backend.cli.doctor.finding import Finding, Verdict
from backend.cli.exit_codes import ExitCode
from backend.cli.ordinary_faults import as_own_error
from backend.errors import DatabaseUnavailableError, SettingError
from backend.settings import CONFIG_FILE, SOURCE_ROOT, Environment, Settings, load_settings
from backend.state.trouble import explain_state_error

RoutingMl = Callable[..., subprocess.CompletedProcess[str]]
DEAD_SERVER = "STATE_DATABASE_URL=postgresql+psycopg://me:secret99@127.0.0.1:9/state\n"


def by_check(root: Path) -> dict[str, Finding]:
    return {finding.check: finding for finding in examine(root)}


def assert_one_line(ran: subprocess.CompletedProcess[str], *words: str) -> None:
    said = ran.stderr + ran.stdout
    assert ran.returncode == ExitCode.FAILED
    assert "Traceback" not in said
    assert said.strip().count("\n") == 0, said
    assert [word for word in words if word not in said] == []
    assert "secret99" not in said


def migrated(root: Path) -> subprocess.CompletedProcess[str]:
    known = {key: value for key, value in os.environ.items() if key not in Environment.model_fields}
    environment = known | {"ROUTING_ML_ROOT": str(root), "PYTHONPATH": str(SOURCE_ROOT)}
    command = [sys.executable, str(SOURCE_ROOT / "scripts" / "migrate_database.py")]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_a_state_database_that_does_not_answer_is_one_line(routing_ml: RoutingMl, root: Path) -> None:
    (root / ".env").write_text(DEAD_SERVER, encoding="utf-8")

    assert_one_line(routing_ml("jobs", "list"), "postgresql+psycopg://127.0.0.1:9/state", "STATE_DATABASE_URL")
    assert_one_line(migrated(root), "postgresql+psycopg://127.0.0.1:9/state", "STATE_DATABASE_URL")


def test_a_state_database_that_cannot_be_opened_is_one_line(routing_ml: RoutingMl, root: Path) -> None:
    (root / "data" / "state.db").mkdir(parents=True)

    for ran in (routing_ml("jobs", "list"), routing_ml("train"), migrated(root)):
        assert_one_line(ran, "data/state.db", "unable to open database file", "right to read and write")


@pytest.mark.parametrize(
    ("message", "remedy"),
    [
        ('FATAL:  password authentication failed for user "me"', "the user and the password in STATE_DATABASE_URL"),
        ('FATAL:  database "stat" does not exist', "correct its name in STATE_DATABASE_URL"),
        ("attempt to write a readonly database", "right to read and write"),
        ("database or disk is full", "Free space"),
        ("file is not a database", "backup restore"),
    ],
)
def test_what_a_driver_says_of_the_place_gets_its_remedy(root: Path, message: str, remedy: str) -> None:
    found = explain_state_error(load_settings(root), OperationalError("SELECT 1", {}, Exception(message)))

    assert found is not None
    assert message in str(found)
    assert remedy in str(found)


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("SELECT x", {}, sqlite3.OperationalError("no such column: x")),
        ProgrammingError("SELEC", {}, Exception('syntax error at or near "SELEC"')),
    ],
)
def test_wrong_sql_of_our_own_is_no_fault_of_the_place(root: Path, error: DBAPIError) -> None:
    assert explain_state_error(load_settings(root), error) is None


def test_the_doctor_names_what_the_database_said(settings: Settings) -> None:
    database = settings.data_dir / "state.db"
    url = f"sqlite:///file:{database}?mode=ro&uri=true"
    (settings.root / ".env").write_text(f"STATE_DATABASE_URL={url}\n", encoding="utf-8")
    subprocess.run([sys.executable, "-c", MAKE_OLD_JOURNAL, str(database)], check=True)

    finding = by_check(settings.root)["state database"]

    assert finding.verdict is Verdict.FAULT
    assert "attempt to write a readonly database" in finding.detail
    assert "right to read and write" in finding.remedy
    assert "backup restore" not in finding.remedy


MAKE_OLD_JOURNAL = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('PRAGMA journal_mode=DELETE')"


def refuse_to_read(monkeypatch: pytest.MonkeyPatch, refused: Path) -> None:
    """Refuse one file as the system does after chmod 000, which does not hold root back."""
    read_bytes = Path.read_bytes

    def read(path: Path) -> bytes:
        if path == refused:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", read)


def test_a_configuration_that_may_not_be_read_is_a_finding(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / CONFIG_FILE).parent.mkdir()
    (root / CONFIG_FILE).write_text("queue: {max_size: 2}\n", encoding="utf-8")
    refuse_to_read(monkeypatch, root / CONFIG_FILE)

    finding = by_check(root)["configuration"]

    assert finding.verdict is Verdict.FAULT
    assert "iter_training.yaml: Permission denied" in finding.detail
    assert finding.remedy.startswith("Correct that file")
    with pytest.raises(SettingError):
        load_settings(root)


def test_a_damaged_model_is_one_line(routing_ml: RoutingMl, promote: Callable[[int], str], root: Path) -> None:
    version = promote(1)
    for folder in (version, "default"):
        (root / "models" / folder / "model.pkl").write_bytes(b"damaged")

    refused = routing_ml("predict", "ITEM001")

    assert refused.returncode == ExitCode.ATTENTION
    assert refused.stderr.count("\n") == 1, refused.stderr
    assert version in refused.stderr


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "data/plant.db"), "data/plant.db: No space left on device"),
        (OSError(errno.ENOSPC, "No space left on device"), "Free space"),
        (sqlite3.OperationalError("database or disk is full"), "data/plant.db: database or disk is full"),
        (PermissionError(errno.EACCES, "Permission denied", "data/.engine.lock"), "right to read and write"),
    ],
)
def test_a_full_disk_or_missing_rights_end_a_command_with_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception, words: str
) -> None:
    def stopped() -> None:
        raise error

    monkeypatch.setattr(command_line, "app", stopped)

    with pytest.raises(SystemExit) as ended:
        command_line.run()

    printed = capsys.readouterr().err
    assert ended.value.code == ExitCode.FAILED
    assert printed.count("\n") == 1
    assert words in printed


@pytest.mark.parametrize("error", [ValueError("a bug"), FileNotFoundError(errno.ENOENT, "No such file", "x")])
def test_a_bug_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def broken() -> None:
        raise error

    monkeypatch.setattr(command_line, "app", broken)

    with pytest.raises(type(error)):
        command_line.run()


def test_an_error_of_the_product_is_its_own_explanation() -> None:
    known = DatabaseUnavailableError("a", "b", "c")

    assert as_own_error(known) is known
