"""The users: added, changed and removed, never the last admin, and never without an entry in the audit trail."""

from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Engine, RowMapping, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from backend.domain.access import Role, User, UserChange, is_user_name
from backend.errors import LastAdminError, RefusedNameError, UnknownUserError, UserExistsError
from backend.state.api_keys import sha256_of
from backend.state.audit import add_audit
from backend.state.database import reading
from backend.state.tables import api_keys, login_attempts, sessions, users

_SHOWN: Final = (users.c.name, users.c.role, users.c.disabled, users.c.created_at)


def add_user(  # noqa: PLR0913 - one argument per column, and who asks
    engine: Engine, name: str, password_hash: str, role: Role, now: datetime, *, actor: str
) -> User:
    """Add a user; raises RefusedNameError or UserExistsError."""
    if not is_user_name(name):
        raise RefusedNameError
    row = {"name": name, "password_hash": password_hash, "role": role.value, "disabled": False, "created_at": now}
    try:
        with engine.begin() as connection:
            connection.execute(insert(users), row)
            add_audit(connection, actor=actor, action="user.add", subject=name, details={"role": role.value})
    except IntegrityError as error:
        raise UserExistsError from error
    return User(name, role, disabled=False, created_at=now)


def list_users(engine: Engine) -> list[User]:
    """Return all users by name."""
    with reading(engine) as connection:
        return [_user(row) for row in connection.execute(select(*_SHOWN).order_by(users.c.name)).mappings()]


def find_login(engine: Engine, name: str) -> tuple[User, str] | None:
    """Return a user with the hash of their password, None where there is no such user."""
    with reading(engine) as connection:
        row = connection.execute(select(users).where(users.c.name == name)).mappings().first()
    return (_user(row), row["password_hash"]) if row else None


def change_user(engine: Engine, name: str, change: UserChange, *, actor: str, keep_session: str = "") -> User:
    """Change what is given; a new password or disabling ends the user's sessions, but for the one to keep.

    A new password may be tried at once, however many logins with the old one had failed.
    Raises UnknownUserError, or LastAdminError where nobody else could administrate.
    """
    changed = {key: value for key, value in asdict(change).items() if value is not None}
    with engine.begin() as connection:
        if change.ends_being_admin:
            _keep_an_admin(connection, name)
        if changed:
            connection.execute(update(users).where(users.c.name == name).values(changed))
        if change.disabled or change.password_hash is not None:
            _end_sessions(connection, name, keep_session)
        if change.password_hash is not None:
            connection.execute(delete(login_attempts).where(login_attempts.c.user_sha256 == sha256_of(name)))
        row = connection.execute(select(*_SHOWN).where(users.c.name == name)).mappings().first()
        if row is None:
            raise UnknownUserError
        add_audit(connection, actor=actor, action="user.change", subject=name, details=_told(change))
    return _user(row)


def remove_user(engine: Engine, name: str, *, actor: str) -> None:
    """Remove a user with their sessions; raises UnknownUserError or LastAdminError."""
    with engine.begin() as connection:
        _keep_an_admin(connection, name)
        _end_sessions(connection, name)
        if not connection.execute(delete(users).where(users.c.name == name)).rowcount:
            raise UnknownUserError
        add_audit(connection, actor=actor, action="user.remove", subject=name, details={})


def credentials_exist(engine: Engine) -> bool:
    """Tell whether anybody has been given a way to say who they are: a user, or a key that is not revoked."""
    with reading(engine) as connection:
        some_user = connection.execute(select(users.c.name).limit(1)).first()
        usable = select(api_keys.c.key_id).where(api_keys.c.revoked_at.is_(None)).limit(1)
        return some_user is not None or connection.execute(usable).first() is not None


def _keep_an_admin(connection: Connection, name: str) -> None:
    """Raise LastAdminError where this user alone can administrate; on PostgreSQL others wait for the answer."""
    enabled = select(users.c.name).where(users.c.role == Role.ADMIN.value, users.c.disabled.is_(False))
    admins = set(connection.execute(enabled.order_by(users.c.name).with_for_update()).scalars())
    if admins == {name}:
        raise LastAdminError


def _told(change: UserChange) -> dict[str, Any]:
    """Return what the audit trail says of a change: of a password, that there is a new one."""
    told = {"role": change.role and change.role.value, "disabled": change.disabled}
    new_password = {"new_password": True} if change.password_hash is not None else {}
    return {key: value for key, value in told.items() if value is not None} | new_password


def _end_sessions(connection: Connection, name: str, keep: str = "") -> None:
    connection.execute(delete(sessions).where(sessions.c.user_name == name, sessions.c.sha256 != keep))


def _user(row: RowMapping) -> User:
    return User(row["name"], Role(row["role"]), row["disabled"], row["created_at"])
