"""Faults of the place a command runs in (rights, a full disk, a database) as errors of the product.

Everything else stays what it is: a bug, with its traceback.
"""

import errno
import sqlite3
from dataclasses import dataclass
from typing import Final

from backend.errors import DatabaseUnavailableError, RoutingMLError

_NO_RIGHTS: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_NO_SPACE: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


@dataclass(slots=True, eq=False)
class FileUnusableError(RoutingMLError):
    """The system does not let a file be read or written: missing rights, a full disk, a failing one."""

    path: str
    cause: str
    remedy: str

    def __str__(self) -> str:
        return f"cannot use {self.path}: {self.cause}. {self.remedy}"


def as_own_error(error: Exception) -> RoutingMLError | None:
    """Return the error of the product that an exception amounts to; None for one that nobody expects."""
    from sqlalchemy.exc import DBAPIError

    from backend.settings import load_settings
    from backend.state.trouble import explain_state_error, remedy_for

    if isinstance(error, RoutingMLError):
        return error
    if isinstance(error, OSError):
        return file_error(error)
    if isinstance(error, DBAPIError):
        return explain_state_error(load_settings(), error)
    if isinstance(error, sqlite3.Error) and (remedy := remedy_for(str(error))):  # the embedded plant's own connections
        return DatabaseUnavailableError("data/plant.db", str(error), remedy)
    return None


def file_error(error: OSError) -> FileUnusableError | None:
    """Return cause and remedy where rights or the disk are at fault."""
    from backend.state.trouble import RIGHTS_REMEDY, SPACE_REMEDY

    path, cause = str(error.filename or "a file of this installation"), str(error.strerror)
    if error.errno in _NO_RIGHTS:
        return FileUnusableError(path, cause, RIGHTS_REMEDY)
    if error.errno in _NO_SPACE:
        return FileUnusableError(path, cause, SPACE_REMEDY)
    if error.errno == errno.EIO:
        return FileUnusableError(path, cause, "Look at the disk (dmesg) and repeat")
    return None
