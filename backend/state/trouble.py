"""What a driver's error about the state database means, in words with a remedy."""

import re
from typing import Final

from sqlalchemy.exc import DBAPIError, OperationalError

from backend.errors import DatabaseUnavailableError
from backend.settings import Settings
from backend.state.database import shown_state_name

RIGHTS_REMEDY: Final = "Give the user who runs this the right to read and write there, or run it as its owner"
SPACE_REMEDY: Final = "Free space on its disk ('df -h' shows how full it is) and repeat"

_REMEDIES: Final = (
    (r"password authentication failed|no password supplied|role .* does not exist|28P01|28000",
     "Check the user and the password in STATE_DATABASE_URL in .env"),
    (r"database .* does not exist|3D000", "Make that database, or correct its name in STATE_DATABASE_URL in .env"),
    (r"readonly database|unable to open database|permission denied|read-only",
     f"{RIGHTS_REMEDY}: the folder data, and state.db, state.db-wal and state.db-shm in it"),
    (r"disk is full|no space left|disk full", SPACE_REMEDY),
    (r"database is locked", "Another process keeps writing; 'routing-ml jobs list' may say what, then repeat"),
    (r"not a database|malformed", "The file is damaged: 'routing-ml backup restore' puts the last backup back"),
    (r"disk I/O error", "Look at the disk (df -h, dmesg) and at the rights on the folder data"),
    (r"refused|time.?out|translate host|resolve host|getaddrinfo|not known|unreachable|No such file",
     "Check that the server runs and can be reached, and STATE_DATABASE_URL in .env"),
)  # fmt: skip
_OTHERWISE: Final = "Check STATE_DATABASE_URL in .env, and what the database's own log says"


def explain_state_error(settings: Settings, error: DBAPIError) -> DatabaseUnavailableError | None:
    """Return cause and remedy where the place is at fault: rights, disk, server; None where our own SQL may be."""
    lines = str(error.orig).strip().splitlines() or [type(error).__name__]
    remedy = remedy_for(str(error.orig))
    if remedy is None:
        # SQLite calls wrong SQL an operational error too, servers do not
        if not isinstance(error, OperationalError) or type(error.orig).__module__ == "sqlite3":
            return None
        remedy = _OTHERWISE
    return DatabaseUnavailableError(shown_state_name(settings), lines[0].rstrip("."), remedy)


def remedy_for(cause: str) -> str | None:
    """Return what to do about a driver's message; None where it is not known to be the place's fault."""
    return next((remedy for pattern, remedy in _REMEDIES if re.search(pattern, cause, re.IGNORECASE)), None)
