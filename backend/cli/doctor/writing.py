"""Tries whether a folder takes what is written, which neither its rights nor a new empty file tell."""

import errno
import os
import tempfile
from pathlib import Path
from typing import Final

TRIAL_BYTES: Final = 256 * 1024


def trouble_writing(folder: Path) -> tuple[str, str] | None:
    """Write to a folder and take it away again; the cause and the remedy where that fails."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(os.urandom(TRIAL_BYTES))  # zeros may be stored without taking any room
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            remedy = f"Free room on the disk of {folder} (df -h, quota): old files are in backups/, old/ and logs/."
        else:
            remedy = f"Give the server's user the right to write to {folder}."
        return f"{folder} cannot be written to: {error.strerror or error}", remedy
    return None
