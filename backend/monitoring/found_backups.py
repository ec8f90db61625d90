"""Finds the archives in backups/, for who restores from the newest and for who watches how old it is."""

import re
import tarfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Final

BACKUPS: Final = "backups"
LISTING: Final = "MANIFEST.json"
STAMP_FORMAT: Final = "%Y%m%d_%H%M%S"
ARCHIVE_NAME: Final = re.compile(r"backup_(\d{8}_\d{6})\.tar\.gz")
DAMAGED: Final = (tarfile.TarError, EOFError, OSError, zlib.error)
"""What reading a damaged archive raises."""


@dataclass(frozen=True, slots=True)
class FoundBackup:
    """An archive in backups/ by its name alone; created_at is naive UTC."""

    path: Path
    created_at: datetime


def list_backups(root: Path) -> Iterator[FoundBackup]:
    """Yield the archives in backups/, newest first."""
    for path in sorted((root / BACKUPS).glob("backup_*.tar.gz"), reverse=True):
        match = ARCHIVE_NAME.fullmatch(path.name)
        if match:
            # the name's digits are UTC, and naive UTC is what the product computes with
            yield FoundBackup(path, datetime.strptime(match[1], STAMP_FORMAT))  # noqa: DTZ007


def newest_backup(root: Path) -> tuple[FoundBackup | None, str]:
    """Return the newest archive of `routing-ml backup create`, and which newer files were passed over and why."""
    passed_over = []
    for found in list_backups(root):
        if not _is_by_hand(found.path):
            break
        passed_over.append(found.path.name)
    else:
        found = None
    return found, f"passed over {', '.join(passed_over)}: made by hand, has no {LISTING}" if passed_over else ""


def _is_by_hand(path: Path) -> bool:
    """Tell whether an archive can be read and does not begin with our list, which is packed first.

    One that cannot be read is not passed over: it may be ours and damaged, and that has to be said.
    """
    try:
        with tarfile.open(path) as archive:
            first_file = next((member.name for member in archive if not member.isdir()), "")
    except DAMAGED:
        return False
    return PurePosixPath(first_file).name != LISTING
