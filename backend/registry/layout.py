"""Where the registry keeps what below models/, and the two locks."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from backend.domain.models import BundleParts, VersionRecord
from backend.errors import BundleError
from backend.registry.bundle import FileDigest
from backend.registry.durable_files import TEMPORARY_PREFIX

COMMIT_LOCK: Final = ".lock"
"""Held while the manifest is exchanged and mirrored: short."""
DEPLOY_LOCK: Final = ".lock-deploy"
"""Held by the one process that writes .tmp-* and a new version folder, canary included: longer."""
DEPLOY_MARKER: Final = f"{TEMPORARY_PREFIX}deploying"
"""Names the version folder being made, so that recovery can tell it from one that a restored manifest forgot."""

COMMIT_TIMEOUT_SECONDS: Final = 120.0
DEPLOY_TIMEOUT_SECONDS: Final = 1800.0


class LockHeldError(BundleError):
    """Another process is changing the registry and takes longer than allowed."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The folders of one installation's registry."""

    models_dir: Path
    default_dir: Path

    def version_dir(self, version: str) -> Path:
        """Return the folder of a version; names come from a checked manifest only."""
        return self.models_dir / version

    @contextmanager
    def commit_lock(self, timeout_seconds: float = COMMIT_TIMEOUT_SECONDS) -> Iterator[None]:
        """Hold the right to replace the manifest."""
        with self._lock(COMMIT_LOCK, timeout_seconds):
            yield

    @contextmanager
    def deploy_lock(self, timeout_seconds: float = DEPLOY_TIMEOUT_SECONDS) -> Iterator[None]:
        """Hold the right to write unfinished files; taken before the commit lock, never after."""
        with self._lock(DEPLOY_LOCK, timeout_seconds):
            yield

    @contextmanager
    def _lock(self, name: str, timeout_seconds: float) -> Iterator[None]:
        self.models_dir.mkdir(parents=True, exist_ok=True)
        lock = FileLock(
            self.models_dir / name, timeout=timeout_seconds, thread_local=False, poll_interval=0.02,
            fallback_to_soft=False, preserve_lock_file=True,
        )  # fmt: skip
        try:
            lock.acquire()
        except Timeout as error:
            remedy = "Look for a hung deployment with 'ps aux | grep routing', end it and repeat"
            raise LockHeldError("registry", f"models/{name} was held for {timeout_seconds:g} s", remedy) from error
        try:
            yield
        finally:
            lock.release()


@dataclass(frozen=True, slots=True)
class LoadedBundle:
    """A verified version in memory; `damage` says why its own folder could not be used, if so."""

    version: str
    generation: int
    parts: BundleParts
    record: VersionRecord
    digests: dict[str, FileDigest]
    damage: BundleError | None = None
