"""How many logins failed lately, so that nobody can try passwords at leisure; the same for all server processes."""

import math
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Connection, Engine, delete, insert, select, text

from backend.errors import TooManyLoginsError
from backend.state.api_keys import sha256_of
from backend.state.tables import login_attempts

WINDOW: Final = timedelta(minutes=15)
MOST_OF_USER_AT_PEER: Final = 5
MOST_OF_PEER: Final = 20
"""Whomever it names."""
MOST_OF_USER: Final = 50
"""From wherever; well above the others, because with it a stranger can lock somebody out."""


def begin_attempt(engine: Engine, user_name: str, peer: str, now: datetime) -> None:
    """Count an attempt as failed until it has succeeded; raises TooManyLoginsError where it may not be made yet."""
    row = {"attempted_at": now, "user_sha256": sha256_of(user_name), "peer": peer}
    by_user = login_attempts.c.user_sha256 == row["user_sha256"]
    by_peer = login_attempts.c.peer == peer
    limits = ((by_user & by_peer, MOST_OF_USER_AT_PEER), (by_peer, MOST_OF_PEER), (by_user, MOST_OF_USER))
    with engine.begin() as connection:
        _one_at_a_time(connection)
        connection.execute(delete(login_attempts).where(login_attempts.c.attempted_at <= now - WINDOW))
        wait = max(_seconds_to_wait(connection, such, most, now) for such, most in limits)
        if wait:
            raise TooManyLoginsError(wait)
        connection.execute(insert(login_attempts), row)


def forget_attempts(engine: Engine, user_name: str, peer: str) -> None:
    """Forget a user's failures from one place: they have logged in."""
    this = (login_attempts.c.user_sha256 == sha256_of(user_name)) & (login_attempts.c.peer == peer)
    with engine.begin() as connection:
        connection.execute(delete(login_attempts).where(this))


def _one_at_a_time(connection: Connection) -> None:
    """Let attempts wait for each other, lest many at once each count none of the others; SQLite does so anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE login_attempts IN SHARE ROW EXCLUSIVE MODE"))


def _seconds_to_wait(connection: Connection, such: ColumnElement[bool], most: int, now: datetime) -> int:
    """Return how long it takes until fewer than so many such attempts are in the window."""
    newest = select(login_attempts.c.attempted_at).where(such).order_by(login_attempts.c.attempted_at.desc())
    times = connection.execute(newest.limit(most)).scalars().all()
    return math.ceil((times[-1] + WINDOW - now).total_seconds()) if len(times) == most else 0
