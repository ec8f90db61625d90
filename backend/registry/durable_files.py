"""Files that are either wholly there after a power cut or not there at all."""

import ctypes
import errno
import os
import shutil
import sys
import time
import uuid
from pathlib import Path
from typing import Final

TEMPORARY_PREFIX: Final = ".tmp-"
_RENAME_EXCHANGE: Final = 2
_AT_FDCWD: Final = -100
_NO_EXCHANGE_ERRNOS: Final = frozenset({errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP, errno.EPERM})
_WINDOWS_PATIENCE_SECONDS: Final = 2.0


class NotSyncedError(OSError):
    """A file is replaced, but its folder could not be pushed to the disk: only a power cut can undo it."""


def temporary_path(folder: Path, label: str) -> Path:
    """Return a fresh name in the folder that recovery recognises as unfinished."""
    return folder / f"{TEMPORARY_PREFIX}{label}-{uuid.uuid4().hex}"


def write_durable(path: Path, data: bytes) -> None:
    """Write a new file and push it to the disk; an error means the file must not be used."""
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Push a folder's entries to the disk (Windows has no such call; NTFS journals them)."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace_durable(path: Path, data: bytes) -> None:
    """Replace a file's content in one step that readers and power cuts see whole or not at all.

    Raises NotSyncedError where it is replaced all the same, OSError where it is not.
    """
    temporary = temporary_path(path.parent, path.name)
    try:
        write_durable(temporary, data)
        move_over(temporary, path)
    except BaseException:
        remove_quietly(temporary)
        raise
    try:
        sync_folder(path.parent)
    except OSError as error:
        raise NotSyncedError(error.errno, error.strerror, str(path.parent)) from error


def exchange_folders(first: Path, second: Path) -> bool:
    """Swap two folders in one step; False where the system or file system cannot (Linux only)."""
    if sys.platform != "linux":
        return False
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if renameat2 is None:
        return False
    result = renameat2(_AT_FDCWD, os.fsencode(first), _AT_FDCWD, os.fsencode(second), _RENAME_EXCHANGE)
    if result == 0:
        return True
    code = ctypes.get_errno()
    if code in _NO_EXCHANGE_ERRNOS:
        return False
    raise OSError(code, os.strerror(code), str(first))


def remove_quietly(path: Path) -> None:
    """Delete a file or folder that nobody needs; what cannot be deleted now, recovery deletes later."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
        return
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return


def move_over(source: Path, target: Path) -> None:
    """Rename a file over another in one step.

    Windows (and only it) refuses while a reader holds the target open, so there it is repeated.
    """
    deadline = time.monotonic() + (_WINDOWS_PATIENCE_SECONDS if os.name == "nt" else 0.0)
    while True:
        try:
            source.replace(target)
        except PermissionError:
            if time.monotonic() >= deadline:
                raise
            time.sleep(0.02)
        else:
            return
