"""Who runs the jobs: at most one process per installation, and one per PostgreSQL database."""

import threading
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

_KEY: Final = 0x524D4C02  # any number that only this product uses
_one_per_process = threading.Lock()  # DBOS is a singleton of its process


class EngineLock:
    """Held by the process that owns the engine; the operating system frees it when that process dies."""

    def __init__(self, data_dir: Path, engine: Engine) -> None:
        self._path = data_dir / ".engine.lock"
        self._file = FileLock(self._path, thread_local=False, fallback_to_soft=False, preserve_lock_file=True)
        self._engine = engine
        self._session: Connection | None = None
        self.held = False

    def try_acquire(self) -> bool:
        """Take the lock if it is free; never waits."""
        if self.held or not _one_per_process.acquire(blocking=False):
            return self.held
        try:
            self.held = self._try_file() and self._try_session()
        finally:
            if not self.held:
                self._file.release()
                _one_per_process.release()
        return self.held

    def still_held(self) -> bool:
        """Tell whether we are still the owner: a lost PostgreSQL session has freed the lock for others."""
        if self._session is None:
            return self.held
        try:
            self._session.execute(text("SELECT 1"))
            self._session.commit()
        except SQLAlchemyError:
            return False
        return self.held

    def release(self) -> None:
        """Give the lock back; harmless when it is not held."""
        if not self.held:
            return
        self.held = False
        self._close_session()
        self._file.release()
        _one_per_process.release()

    def _try_file(self) -> bool:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._file.acquire(blocking=False)
        except Timeout:
            return False
        return True

    def _try_session(self) -> bool:
        """Take a session lock on PostgreSQL, which other hosts see too; SQLite needs none."""
        if self._engine.dialect.name != "postgresql":
            return True
        self._session = self._engine.connect()
        taken = bool(self._session.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _KEY}))
        self._session.commit()
        if not taken:
            self._close_session()
        return taken

    def _close_session(self) -> None:
        if self._session is not None:
            self._session.invalidate()  # really closed, not pooled with its lock
            self._session.close()
            self._session = None
