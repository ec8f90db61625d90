"""Who is logged in: a row per session, under the hash of an id that only the browser holds."""

import secrets
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine, delete, insert, or_, select, update

from backend.domain.access import Identity, Role
from backend.state.api_keys import sha256_of
from backend.state.audit import add_audit
from backend.state.database import reading
from backend.state.tables import sessions, users

LIFETIME: Final = timedelta(days=7)
IDLE_LIMIT: Final = timedelta(hours=12)
NOTED_EVERY: Final = timedelta(minutes=1)


def open_session(engine: Engine, user_name: str, now: datetime, *, peer: str, instead_of: str = "") -> str:
    """Start a session, and end the one that the browser had before (by its id); returns the id for the browser."""
    session_id = secrets.token_urlsafe(32)
    row = {
        "sha256": sha256_of(session_id),
        "user_name": user_name,
        "csrf_token": secrets.token_urlsafe(32),
        "created_at": now,
        "expires_at": now + LIFETIME,
        "last_seen_at": now,
    }
    over = or_(sessions.c.expires_at <= now, sessions.c.last_seen_at <= now - IDLE_LIMIT)
    with engine.begin() as connection:
        connection.execute(delete(sessions).where(or_(over, sessions.c.sha256 == sha256_of(instead_of))))
        connection.execute(insert(sessions), row)
        add_audit(connection, actor=user_name, action="session.login", subject=user_name, details={"peer": peer})
    return session_id


def find_session(engine: Engine, session_id: str, now: datetime) -> Identity | None:
    """Return who a session belongs to; None where it is unknown or over, or its user is disabled."""
    digest = sha256_of(session_id)
    query = (
        select(users.c.name, users.c.role, sessions.c.csrf_token)
        .join_from(sessions, users)
        .where(
            sessions.c.sha256 == digest,
            sessions.c.expires_at > now,
            sessions.c.last_seen_at > now - IDLE_LIMIT,
            users.c.disabled.is_(False),
        )
    )
    with reading(engine) as connection:
        row = connection.execute(query).first()
    return Identity(row.name, Role(row.role), "session", digest, row.csrf_token) if row else None


def note_seen(engine: Engine, digest: str, now: datetime) -> None:
    """Keep when a session was last used, at most once a minute: until it was idle for too long, it goes on."""
    this = (sessions.c.sha256 == digest) & (sessions.c.last_seen_at <= now - NOTED_EVERY)
    with reading(engine) as connection:
        if connection.execute(select(sessions.c.sha256).where(this)).first() is None:
            return
    with engine.begin() as connection:
        connection.execute(update(sessions).where(this).values(last_seen_at=now))


def end_all_sessions(engine: Engine) -> None:
    """End everybody's sessions."""
    with engine.begin() as connection:
        connection.execute(delete(sessions))


def close_session(engine: Engine, digest: str, user_name: str) -> None:
    """End one session, as its user asks."""
    with engine.begin() as connection:
        connection.execute(delete(sessions).where(sessions.c.sha256 == digest))
        add_audit(connection, actor=user_name, action="session.logout", subject=user_name, details={})
