"""Making a backup while everything runs: copies first, hashes of the copies, then one archive."""

import json
import os
import shutil
import sqlite3
import tarfile
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Final

from backend.cli.backup.archive import (
    BackupError,
    BackupFile,
    BackupSummary,
    digest,
)
from backend.domain.clock import Clock, utc_now
from backend.domain.progress import ProgressReport
from backend.monitoring.found_backups import BACKUPS, LISTING, STAMP_FORMAT
from backend.registry.manifest import MANIFEST_FILE
from backend.registry.store import ModelStore
from backend.settings import CONFIG_FILE, Settings
from backend.state.database import state_url

LOG_DAYS: Final = 30


def create_backup(
    settings: Settings, report: ProgressReport, *, with_plant: bool = False, clock: Clock = utc_now
) -> BackupSummary:
    """Write backups/backup_<UTC>.tar.gz and return what is in it; never leaves half an archive."""
    now = clock()
    stamp = now.strftime(STAMP_FORMAT)
    target = settings.root / BACKUPS / f"backup_{stamp}.tar.gz"
    if target.exists():
        raise BackupError(target.name, "was made within this second", "Wait a second and repeat.")
    staging = settings.root / BACKUPS / f".tmp-{stamp}-{os.getpid()}"
    content = staging / BACKUPS / stamp
    content.mkdir(parents=True)
    try:
        left_out, active = _copy_all(settings, content, with_plant, now, report)
        report(0.5, "hashing")
        summary = BackupSummary(target, now, active, _hash_all(content), left_out)
        (content / LISTING).write_text(json.dumps(summary.to_listing(), indent=1, ensure_ascii=False), encoding="utf-8")
        report(0.6, "packing")
        _pack(staging, target)
    except OSError as error:
        raise BackupError(target.name, str(error), "Nothing was written; is there space below backups/?") from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    report(1.0, "done")
    return summary


def _copy_all(
    settings: Settings, content: Path, with_plant: bool, now: datetime, report: ProgressReport
) -> tuple[tuple[str, ...], str | None]:
    """Copy everything that belongs into a backup; returns what is left out, and the active version."""
    left_out: list[str] = []
    report(0.0, "models")
    active = _copy_models(settings, content, left_out)
    report(0.2, "configuration and logs")
    _copy_config(settings, content)
    _copy_logs(settings, content, now)
    left_out.append(".env, because it holds passwords")
    report(0.3, "databases")
    state = state_url(settings)
    if state.get_backend_name() == "sqlite":
        copy_database(Path(state.database or ""), content / "state.db")
    else:
        left_out.append("the state database on its own server (pg_dump backs it up)")
    if with_plant:
        copy_database(settings.plant_database_path, content / "plant.db")
    else:
        left_out.append("the embedded plant (--with-plant adds it)")
    return tuple(left_out), active


def _copy_models(settings: Settings, content: Path, left_out: list[str]) -> str | None:
    """Take the manifest and every version it knows, under the lock that a deployment commits with."""
    store = ModelStore(settings)
    with store.layout.commit_lock():
        manifest = store.manifest()
        if manifest.active_version is None:
            left_out.append("models, because none is active yet")
            return None
        shutil.copy2(settings.models_dir / MANIFEST_FILE, content / MANIFEST_FILE)
        for version in manifest.versions:
            folder = store.layout.version_dir(version)
            if folder.is_dir():
                shutil.copytree(folder, content / "models" / version, copy_function=_link_or_copy)
            else:
                left_out.append(f"{version}, which is missing ('routing-ml models verify' says what to do)")
    if not (content / "models" / manifest.active_version).is_dir():
        raise BackupError(manifest.active_version, "the active version is missing", "Run 'routing-ml models verify'.")
    shutil.copytree(content / "models" / manifest.active_version, content / "models_default")
    return manifest.active_version


def _link_or_copy(source: str, target: str) -> str:
    """Link a file that never changes, so that the lock is held for an instant; copy where links do not work."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target


def _copy_config(settings: Settings, content: Path) -> None:
    if (settings.root / "config").is_dir():
        shutil.copytree(settings.root / "config", content / "config")
    if (settings.root / CONFIG_FILE).is_file():
        shutil.copy2(settings.root / CONFIG_FILE, content / CONFIG_FILE.name)


def _copy_logs(settings: Settings, content: Path, now: datetime) -> None:
    logs = settings.root / "logs"
    oldest = (now - datetime(1970, 1, 1)).total_seconds() - LOG_DAYS * 86_400  # noqa: DTZ001 - both are naive UTC
    for file in logs.rglob("*"):
        if file.is_file() and file.stat().st_mtime >= oldest:
            copy = content / "logs" / file.relative_to(logs)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file, copy)


def copy_database(source: Path, target: Path) -> None:
    """Copy a SQLite database that others may be writing to, by SQLite's own backup interface."""
    if not source.is_file():
        return
    try:
        problem = _copy_live(source, target)
    except sqlite3.Error as error:
        remedy = "Is it locked or damaged, or the disk full? 'routing-ml doctor' looks; or restore an earlier backup."
        raise BackupError(source.name, f"the database cannot be copied ({error})", remedy) from error
    if problem != "ok":
        raise BackupError(source.name, f"the database is damaged ({problem})", "Restore an earlier backup.")


def _copy_live(source: Path, target: Path) -> str:
    """Copy, and return what SQLite's own check says of the copy: "ok", or what is damaged."""
    read_only = f"{source.resolve().as_uri()}?mode=ro"
    with closing(sqlite3.connect(read_only, uri=True)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, without -wal and -shm beside it
        return str(copy.execute("PRAGMA integrity_check").fetchone()[0])


def _hash_all(content: Path) -> tuple[BackupFile, ...]:
    files = []
    for path in sorted(content.rglob("*")):
        if path.is_file():
            with path.open("rb") as stream:
                files.append(BackupFile(path.relative_to(content).as_posix(), *digest(stream)))
    return tuple(files)


def _pack(staging: Path, target: Path) -> None:
    packed = staging / target.name
    with tarfile.open(packed, "w:gz", compresslevel=6) as archive:
        archive.add(staging / BACKUPS, arcname=BACKUPS)
    with packed.open("rb+") as file:
        os.fsync(file.fileno())
    packed.chmod(0o600)  # the state database in it has hashes of passwords
    packed.replace(target)
