"""Backups: consistent while in use, checked to the last byte, and restoring destroys nothing."""

import gzip
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from backend.cli.backup.archive import BackupError, find_backup
from backend.cli.backup.creating import copy_database, create_backup
from backend.cli.backup.restoring import restore_backup
from backend.cli.backup.verifying import verify_backup
from backend.cli.doctor.finding import Verdict
from backend.cli.doctor.installation import check_backup
from backend.cli.exit_codes import ExitCode
from backend.domain.access import Role
from backend.domain.clock import utc_now
from backend.domain.progress import no_progress
from backend.iter_training.jobs.engine_lock import EngineLock
from backend.monitoring.found_backups import list_backups
from backend.registry.store import ModelStore
from backend.settings import CONFIG_FILE, Settings
from backend.state.database import open_state_engine, state_url
from backend.state.sessions import find_session, open_session
from backend.state.tables import audit
from backend.state.users import add_user, list_users

NOW = datetime(2026, 11, 23, 14, 0, 0)  # noqa: DTZ001 - naive UTC, as everywhere inside
Promote = Callable[[int], str]
RoutingMl = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def filled(settings: Settings) -> Settings:
    """An installation with a configuration, logs of two ages and a row in the state database."""
    (settings.root / CONFIG_FILE).write_text("queue:\n  max_size: 2 # 둘\n", encoding="utf-8")
    settings.quality_log_file.write_text("a line\n", encoding="utf-8")
    add_audit_row(settings, "before")
    return settings


def add_audit_row(settings: Settings, subject: str) -> None:
    engine = open_state_engine(state_url(settings))
    row = {"created_at": utc_now(), "actor": "test", "action": "test", "subject": subject, "details": {}}
    with engine.begin() as connection:
        connection.execute(insert(audit), row)
    engine.dispose()


def audit_subjects(settings: Settings) -> list[str]:
    engine = open_state_engine(state_url(settings))
    with engine.connect() as connection:
        found = list(connection.execute(select(audit.c.subject).order_by(audit.c.audit_id)).scalars())
    engine.dispose()
    return found


def backed_up(settings: Settings, now: datetime = NOW) -> Path:
    return create_backup(settings, no_progress, clock=lambda: now).path


def test_a_backup_holds_everything_and_verifies(filled: Settings, promote: Promote) -> None:
    first, second = promote(1), promote(2)

    archive = backed_up(filled)
    summary, problems = verify_backup(archive, no_progress)

    assert os.name != "posix" or archive.stat().st_mode & 0o077 == 0  # hashes of passwords are in it
    names = {file.path for file in summary.files}
    assert problems == ()
    assert summary.active_version == second
    assert {"manifest.json", "iter_training.yaml", "state.db", "models_default/model.pkl"} <= names
    assert {f"models/{version}/model.pkl" for version in (first, second)} <= names
    assert "logs/performance/performance.quality.log" in names
    assert any(".env" in words for words in summary.left_out)


def test_a_missing_version_in_reserve_is_left_out_and_said(filled: Settings, promote: Promote) -> None:
    reserve, active = promote(1), promote(2)
    shutil.rmtree(filled.models_dir / reserve)

    summary, problems = verify_backup(backed_up(filled), no_progress)

    assert problems == ()
    assert any(reserve in words for words in summary.left_out)
    shutil.rmtree(filled.models_dir / active)
    with pytest.raises(BackupError, match="active version is missing"):
        backed_up(filled, NOW + timedelta(seconds=1))


def test_no_half_archive_and_no_staging_stay_behind(filled: Settings) -> None:
    path = backed_up(filled)

    assert [entry.name for entry in (filled.root / "backups").iterdir()] == [path.name]


def test_the_listing_knows_the_archives_newest_first(filled: Settings) -> None:
    older, newer = backed_up(filled), backed_up(filled, NOW + timedelta(seconds=1))
    (filled.root / "backups" / "backup_of_my_own.tar.gz").write_bytes(b"")

    assert [found.path for found in list_backups(filled.root)] == [newer, older]
    assert find_backup(filled.root, None) == newer
    assert find_backup(filled.root, older.name) == older


@pytest.mark.parametrize("command", ["verify", "restore"])
def test_a_newer_archive_made_by_hand_is_passed_over_and_said(
    filled: Settings, promote: Promote, routing_ml: RoutingMl, command: str
) -> None:
    promote(1)
    made = backed_up(filled)
    by_hand = archived_by_hand(filled)

    ran = routing_ml("backup", command)

    assert ran.returncode == ExitCode.OK
    assert made.name in ran.stdout
    assert f"{made.name} is taken; passed over {by_hand.name}: made by hand, has no MANIFEST.json" in ran.stderr
    assert routing_ml("backup", command, by_hand.name).returncode == ExitCode.FAILED


def test_the_doctor_takes_no_archive_made_by_hand_for_a_backup(filled: Settings, promote: Promote) -> None:
    promote(1)
    by_hand = archived_by_hand(filled)

    assert check_backup(filled).verdict is Verdict.NOTE
    assert by_hand.name in check_backup(filled).detail
    with pytest.raises(BackupError, match="there is none"):
        find_backup(filled.root, None)

    made = backed_up(filled)
    assert check_backup(filled).detail.startswith(made.name)


def test_a_newest_archive_that_is_damaged_is_not_passed_over(filled: Settings) -> None:
    backed_up(filled)
    damaged = backed_up(filled, NOW + timedelta(seconds=1))
    damaged.write_bytes(b"damaged")

    assert find_backup(filled.root, None) == damaged


def archived_by_hand(settings: Settings) -> Path:
    """Make an archive as the runbook's section 1.3 does by hand, a minute after NOW."""
    folder = "backups/20261123_140100"
    archive = settings.root / "backups" / "backup_20261123_140100.tar.gz"
    archive.parent.mkdir(exist_ok=True)
    with tarfile.open(archive, "w:gz") as packed:
        packed.add(settings.default_model_dir, arcname=f"{folder}/models_default")
        packed.add(settings.models_dir / "manifest.json", arcname=f"{folder}/manifest.json")
    return archive


def test_a_second_backup_in_the_same_second_is_refused(filled: Settings) -> None:
    backed_up(filled)

    with pytest.raises(BackupError, match="within this second"):
        backed_up(filled)


def test_restoring_brings_back_what_was_and_keeps_what_is(filled: Settings, promote: Promote) -> None:
    saved = promote(1)
    archive = backed_up(filled)
    promote(2)
    add_audit_row(filled, "after")
    (filled.root / CONFIG_FILE).write_text("queue: {max_size: 9}", encoding="utf-8")

    summary = restore_backup(filled, archive, no_progress)

    assert ModelStore(filled).manifest().active_version == saved
    assert ModelStore(filled).verify() == []
    assert audit_subjects(filled) == ["before", archive.name]
    assert "둘" in (filled.root / CONFIG_FILE).read_text(encoding="utf-8")
    assert (summary.kept_in / CONFIG_FILE).read_text(encoding="utf-8") == "queue: {max_size: 9}"
    assert (summary.kept_in / "models" / "manifest.json").is_file()
    with closing(sqlite3.connect(summary.kept_in / "data" / "state.db")) as kept:
        assert [row[0] for row in kept.execute("SELECT subject FROM audit ORDER BY 1")] == ["after", "before"]


def test_nobody_is_logged_in_after_a_restore(filled: Settings) -> None:
    engine = open_state_engine(state_url(filled))
    add_user(engine, "kim", "a hash", Role.PLANNER, NOW, actor="test")
    session_id = open_session(engine, "kim", NOW, peer="10.0.0.1")
    archive = backed_up(filled)
    engine.dispose()

    restore_backup(filled, archive, no_progress)

    assert [user.name for user in list_users(engine)] == ["kim"]
    assert find_session(engine, session_id, NOW) is None
    engine.dispose()


def test_restoring_into_an_emptied_installation_works(filled: Settings, promote: Promote) -> None:
    saved = promote(1)
    archive = backed_up(filled)
    for folder in ("models", "data", "config"):
        shutil.rmtree(filled.root / folder)

    restore_backup(filled, archive, no_progress)

    assert ModelStore(filled).manifest().active_version == saved
    assert audit_subjects(filled) == ["before", archive.name]


def test_restoring_is_refused_while_something_runs_jobs(filled: Settings, promote: Promote) -> None:
    promote(1)
    archive = backed_up(filled)
    engine = open_state_engine(state_url(filled))
    server = EngineLock(filled.data_dir, engine)
    code = (
        "import sys, pathlib\nfrom backend.settings import load_settings\n"
        "from backend.cli.backup.restoring import restore_backup\n"
        "root, archive = map(pathlib.Path, sys.argv[1:])\n"
        "restore_backup(load_settings(root), archive, lambda share, step: None)\n"
    )
    assert server.try_acquire()
    try:
        command = [sys.executable, "-c", code, str(filled.root), str(archive)]
        refused = subprocess.run(command, capture_output=True, text=True, check=False)
    finally:
        server.release()
        engine.dispose()

    assert "scripts/stop_server.py" in refused.stderr
    assert list((filled.root / "old").iterdir()) == []


@pytest.mark.parametrize("damage", ["cut", "flipped", "checksum", "not a tar", "altered file", "foreign file"])
def test_a_damaged_archive_is_found_and_never_restored(filled: Settings, promote: Promote, damage: str) -> None:
    promote(1)
    archive = backed_up(filled)
    harm(archive, damage)

    with pytest.raises(BackupError):
        restore_backup(filled, archive, no_progress)
    assert list((filled.root / "old").iterdir()) == []


def harm(archive: Path, damage: str) -> None:
    content = bytearray(archive.read_bytes())
    if damage == "cut":
        archive.write_bytes(content[: len(content) // 2])
    elif damage == "flipped":
        content[len(content) // 2] ^= 0x10
        archive.write_bytes(content)
    elif damage == "checksum":
        content[-8] ^= 0x10
        archive.write_bytes(content)
    elif damage == "not a tar":
        archive.write_bytes(gzip.compress(b"hello"))
    else:
        repack(archive, damage)


def repack(archive: Path, damage: str) -> None:
    folder = archive.parent / "unpacked"
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    name = "manifest.json" if damage == "altered file" else "../../evil"
    (next((folder / "backups").iterdir()) / name).write_text("{}", encoding="utf-8")
    with tarfile.open(archive, "w:gz") as packed:
        packed.add(folder / "backups", arcname="backups")
        if damage == "foreign file":
            packed.add(folder / "evil", arcname="../evil")
    shutil.rmtree(folder)


def test_a_database_that_is_being_written_is_copied_whole(tmp_path: Path) -> None:
    """Every committed pair of rows is there or is not; never half of one."""
    live, copy = tmp_path / "live.db", tmp_path / "copy.db"
    with closing(sqlite3.connect(live)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE pairs (number INTEGER)")
    stop, wrote = threading.Event(), threading.Event()

    def keep_writing() -> None:
        with closing(sqlite3.connect(live, timeout=30)) as writer:
            while not stop.is_set():
                with writer:
                    writer.executemany("INSERT INTO pairs VALUES (?)", [(1,), (1,)])
                wrote.set()

    thread = threading.Thread(target=keep_writing)
    thread.start()
    assert wrote.wait(20)
    try:
        copy_database(live, copy)
    finally:
        stop.set()
        thread.join()

    with closing(sqlite3.connect(copy)) as connection:
        count = connection.execute("SELECT count(*) FROM pairs").fetchone()[0]
    assert count > 0
    assert count % 2 == 0


def test_a_database_that_cannot_be_read_is_named_with_a_remedy(tmp_path: Path) -> None:
    damaged = tmp_path / "state.db"
    damaged.write_bytes(b"no database at all" * 100)

    with pytest.raises(BackupError, match="the database cannot be copied") as raised:
        copy_database(damaged, tmp_path / "copy.db")

    assert raised.value.remedy


@pytest.mark.parametrize("configured", [True, False])
def test_the_runbook_s_own_commands_restore_such_an_archive(
    filled: Settings, promote: Promote, tmp_path: Path, configured: bool
) -> None:
    saved = promote(1)
    if not configured:
        (filled.root / CONFIG_FILE).unlink()
    archive = backed_up(filled)
    shutil.rmtree(filled.models_dir)
    filled.models_dir.mkdir()
    script = f"""
        RESTORE_DIR={tmp_path}/elsewhere
        tar -xzf {archive} -C "$RESTORE_DIR"
        cp -r "$RESTORE_DIR"/backups/*/models_default models/default
        [ ! -f "$RESTORE_DIR"/backups/*/iter_training.yaml ] || cp "$RESTORE_DIR"/backups/*/iter_training.yaml config/
        cp "$RESTORE_DIR"/backups/*/manifest.json models/
    """
    (tmp_path / "elsewhere").mkdir()
    subprocess.run(["bash", "-euc", script], cwd=filled.root, check=True)

    store = ModelStore(filled)
    store.recover()

    assert store.manifest().active_version == saved
    assert store.verify() == []
