"""Which errors of a job may be gone when it is tried again, and how an error is told."""

from concurrent.futures import BrokenExecutor
from typing import Final

from sqlalchemy.exc import DataError, DBAPIError, NotSupportedError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from backend.errors import DatabaseMisfitError, DatabaseUnavailableError, RoutingMLError

_PASSING: Final = (
    DatabaseUnavailableError,
    DBAPIError,
    PoolTimeoutError,
    OSError,
    MemoryError,
    BrokenExecutor,
    EOFError,
)
"""Databases, networks, disks, memory, processes that were lost: others may give way in a minute."""
_LASTING: Final = (DatabaseMisfitError, ProgrammingError, NotSupportedError, DataError)
"""A database that refuses a statement as wrong refuses it again."""


def may_pass(error: Exception) -> bool:
    """Tell whether another attempt may go well; a mistake of ours or of the data does the same again."""
    return isinstance(error, _PASSING) and not isinstance(error, _LASTING)


def message_of(error: Exception) -> str:
    """Return cause and remedy where the error tells them, else its kind and words."""
    return str(error) if isinstance(error, RoutingMLError) else f"{type(error).__name__}: {error}"
