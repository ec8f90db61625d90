"""What a backup archive looks like: layout, names and its list of files.

backups/backup_<UTC>.tar.gz holds one folder, backups/<UTC>/, laid out so that the commands of the
runbook's section 5.5 (tar -xzf, cp -r) restore from it too:

    MANIFEST.json        this module's list: sha256 and size of every other file
    models_default/      the active version's files
    manifest.json        the model manifest
    iter_training.yaml   the configuration
    models/version_*/    every version that the manifest knows
    config/              the configuration folder with the plant profiles
    state.db             jobs, cycles, alerts, decisions, audit
    plant.db             the embedded plant, when asked for
    logs/                log files of the last 30 days
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Final

from backend.errors import RoutingMLError
from backend.monitoring.found_backups import BACKUPS, LISTING, newest_backup

SCHEMA: Final = 1
CHUNK_BYTES: Final = 1 << 20


@dataclass(slots=True, eq=False)
class BackupError(RoutingMLError):
    """A backup cannot be made, is damaged, or must not be restored now."""

    archive: str
    cause: str
    remedy: str

    def __str__(self) -> str:
        return f"backup {self.archive}: {self.cause}. {self.remedy}"


@dataclass(frozen=True, slots=True)
class BackupFile:
    """One file in an archive, relative to the archive's folder."""

    path: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class BackupSummary:
    """A backup with what is in it; created_at is naive UTC."""

    path: Path
    created_at: datetime
    active_version: str | None
    files: tuple[BackupFile, ...]
    left_out: tuple[str, ...]
    """What is not in this backup, in words."""

    def to_listing(self) -> dict[str, Any]:
        """Return the content of MANIFEST.json."""
        return {
            "schema": SCHEMA,
            "created_at": self.created_at.isoformat(timespec="seconds") + "Z",
            "active_version": self.active_version,
            "left_out": list(self.left_out),
            "files": {file.path: {"sha256": file.sha256, "size": file.size} for file in self.files},
        }

    @classmethod
    def from_listing(cls, path: Path, content: bytes) -> "BackupSummary":
        """Read MANIFEST.json; raises BackupError when it is not one this version can read."""
        try:
            listing = json.loads(content)
            if listing["schema"] != SCHEMA:
                raise BackupError(
                    path.name, f"schema {listing['schema']} is not {SCHEMA}", "Use the version that made it."
                )
            files = tuple(BackupFile(name, facts["sha256"], facts["size"]) for name, facts in listing["files"].items())
            created_at = datetime.fromisoformat(listing["created_at"]).replace(tzinfo=None)
            return cls(path, created_at, listing["active_version"], files, tuple(listing["left_out"]))
        except (KeyError, TypeError, ValueError) as error:
            raise BackupError(path.name, f"{LISTING} cannot be read ({error!r})", "Use another backup.") from error


def find_backup(root: Path, name: str | None) -> Path:
    """Return the archive of that path or file name, or our newest one for None."""
    if name is None:
        newest, passed_over = newest_backup(root)
        if newest is None:
            cause = f"there is none ({passed_over})" if passed_over else "there is none"
            raise BackupError(f"in {root / BACKUPS}", cause, "'routing-ml backup create' makes one.")
        return newest.path
    for path in (Path(name), root / name, root / BACKUPS / name):
        if path.is_file():
            return path
    raise BackupError(name, "there is no such file", f"'ls {root / BACKUPS}' shows those there are.")


def digest(stream: IO[bytes]) -> tuple[str, int]:
    """Return sha256 and size of what a stream holds, read in pieces."""
    sha256, size = hashlib.sha256(), 0
    while piece := stream.read(CHUNK_BYTES):
        sha256.update(piece)
        size += len(piece)
    return sha256.hexdigest(), size
