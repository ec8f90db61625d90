"""Putting a backup back: checked first, while no server runs, and nothing is destroyed."""

import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from backend.cli.backup.archive import BackupError
from backend.cli.backup.verifying import verify_backup
from backend.cli.running_servers import find_servers
from backend.domain.clock import Clock, utc_now
from backend.domain.progress import ProgressReport
from backend.iter_training.jobs.engine_lock import EngineLock
from backend.monitoring.found_backups import BACKUPS, STAMP_FORMAT
from backend.registry.store import ModelStore
from backend.settings import CONFIG_FILE, Settings
from backend.state.audit import record_audit
from backend.state.command_actor import command_actor
from backend.state.database import open_state_engine, state_url
from backend.state.migrating import migrate_state
from backend.state.sessions import end_all_sessions


@dataclass(frozen=True, slots=True)
class RestoreSummary:
    """What a restore did."""

    archive: Path
    active_version: str | None
    replaced: tuple[str, ...]
    """What was put back, relative to the project's folder."""
    kept_in: Path
    """Where that which stood there before is now."""


def restore_backup(settings: Settings, path: Path, report: ProgressReport, clock: Clock = utc_now) -> RestoreSummary:
    """Replace models, configuration and databases by the backup's; what stood there moves to old/.

    Raises BackupError, with nothing changed, while a server runs or when the archive is not sound.
    Log files stay as they are; those of the backup can be read in the archive.
    """
    with _no_server(settings, path):
        return _restore(settings, path, report, clock())


def _restore(settings: Settings, path: Path, report: ProgressReport, now: datetime) -> RestoreSummary:
    summary, problems = verify_backup(path, lambda share, step: report(share / 2, step))
    if problems:
        raise BackupError(path.name, "; ".join(problems[:5]), "Nothing was changed; use another backup.")
    kept_in = settings.root / "old" / f"restore_{now.strftime(STAMP_FORMAT)}"
    try:
        replaced = _replace_all(settings, path, kept_in, report)
    except OSError as error:
        remedy = f"What was replaced so far is in {kept_in}; remove the cause and repeat the restore."
        raise BackupError(path.name, str(error), remedy) from error
    _settle(settings, path, kept_in)
    report(1.0, "done")
    return RestoreSummary(path, summary.active_version, tuple(replaced), kept_in)


def _settle(settings: Settings, path: Path, kept_in: Path) -> None:
    """Bring an older release's tables up to date, mirror the active version, and leave an audit row.

    All sessions end: among those of the backup are some that were ended since, with a logout or a new password.
    """
    migrate_state(settings)
    ModelStore(settings).recover()
    engine = open_state_engine(state_url(settings))
    details = {"kept_in": kept_in.relative_to(settings.root).as_posix()}
    try:
        end_all_sessions(engine)
        record_audit(engine, actor=command_actor(), action="restore", subject=path.name, details=details)
    finally:
        engine.dispose()


def _replace_all(settings: Settings, path: Path, kept_in: Path, report: ProgressReport) -> list[str]:
    """Unpack beside what is kept, then exchange; returns what was put back."""
    kept_in.mkdir(parents=True)
    report(0.6, "unpacking")
    unpacked = _unpack(path, kept_in / "unpacked")
    report(0.8, "exchanging")
    layout = ModelStore(settings).layout
    with layout.deploy_lock(), layout.commit_lock():
        replaced = [_exchange(settings, new, live, kept_in) for new, live in _pairs(settings, unpacked) if new.exists()]
    shutil.rmtree(kept_in / "unpacked")
    return replaced


@contextmanager
def _no_server(settings: Settings, path: Path) -> Iterator[None]:
    """Refuse while a server runs, and keep one from running jobs until we are done."""
    servers = find_servers(settings.root)
    engine = open_state_engine(state_url(settings))
    lock = EngineLock(settings.data_dir, engine)
    try:
        if servers or not lock.try_acquire():
            pids = f" (process {', '.join(str(server.pid) for server in servers)})" if servers else ""
            cause = f"a server or a job is running{pids} and would go on with the old files"
            raise BackupError(path.name, cause, "Stop it first: python scripts/stop_server.py")
        yield
    finally:
        lock.release()
        engine.dispose()


def _unpack(path: Path, into: Path) -> Path:
    """Unpack an archive that verify_backup found sound; returns the folder of its content."""
    with tarfile.open(path, "r:gz") as archive:
        archive.extractall(into, filter="data")
    return next((into / BACKUPS).iterdir())


def _pairs(settings: Settings, unpacked: Path) -> Iterator[tuple[Path, Path]]:
    """Yield what the backup holds and where it lives; the model manifest, which commits, comes last."""
    yield unpacked / CONFIG_FILE.name, settings.root / CONFIG_FILE
    yield unpacked / "plant.db", settings.plant_database_path
    state = state_url(settings)
    if state.get_backend_name() == "sqlite" and state.database:
        yield unpacked / "state.db", Path(state.database)
    if (unpacked / "models").is_dir():
        for version in sorted((unpacked / "models").iterdir()):
            yield version, settings.models_dir / version.name
    yield unpacked / "models_default", settings.default_model_dir
    yield unpacked / "manifest.json", settings.models_dir / "manifest.json"


def _exchange(settings: Settings, new: Path, live: Path, kept_in: Path) -> str:
    """Move what is live to old/ (a database with its -wal and -shm) and the new into its place."""
    name = live.relative_to(settings.root) if live.is_relative_to(settings.root) else Path(live.name)
    for suffix in ("", "-wal", "-shm"):
        standing = live.with_name(live.name + suffix)
        if standing.exists():
            kept = kept_in / name.with_name(name.name + suffix)
            kept.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(standing, kept)
    live.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(new, live)
    return name.as_posix()
