"""Keys that programs send with each request: `rml_<id>_<secret>`, of which only the SHA-256 is kept."""

import hashlib
import hmac
import re
import secrets
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine, RowMapping, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from backend.domain.access import ApiKey, Identity, Role
from backend.errors import KeyNameTakenError, RefusedNameError, UnknownKeyError
from backend.state.audit import add_audit
from backend.state.database import reading
from backend.state.tables import api_keys

NOTED_EVERY: Final = timedelta(minutes=1)
_FORM: Final = re.compile(r"rml_([0-9a-f]{12})_[A-Za-z0-9_-]{43}")
_NAME: Final = re.compile(r"[0-9A-Za-z가-힣][0-9A-Za-z가-힣._-]{0,59}")


def sha256_of(secret: str) -> str:
    """Return the hash under which a secret of 256 random bits is kept; it needs no salt and no slowness."""
    return hashlib.sha256(secret.encode()).hexdigest()


def add_key(engine: Engine, name: str, role: Role, now: datetime, *, actor: str) -> tuple[ApiKey, str]:
    """Make a key; its text is returned here and never again. Raises RefusedNameError or KeyNameTakenError."""
    if not _NAME.fullmatch(name):
        raise RefusedNameError
    key_id = secrets.token_hex(6)
    text = f"rml_{key_id}_{secrets.token_urlsafe(32)}"
    row = {"key_id": key_id, "sha256": sha256_of(text), "role": role.value, "name": name, "created_at": now}
    try:
        with engine.begin() as connection:
            connection.execute(insert(api_keys), row)
            details = {"key_id": key_id, "role": role.value}
            add_audit(connection, actor=actor, action="key.add", subject=name, details=details)
    except IntegrityError as error:
        raise KeyNameTakenError from error
    return ApiKey(key_id, name, role, now, last_used_at=None, revoked_at=None), text


def list_keys(engine: Engine) -> list[ApiKey]:
    """Return all keys, revoked ones too, oldest first."""
    with reading(engine) as connection:
        rows = connection.execute(select(api_keys).order_by(api_keys.c.created_at, api_keys.c.name)).mappings()
        return [_key(row) for row in rows]


def revoke_key(engine: Engine, key_id: str, now: datetime, *, actor: str) -> ApiKey:
    """Make a key worthless; for a revoked one nothing changes. Raises UnknownKeyError."""
    this = api_keys.c.key_id == key_id
    with engine.begin() as connection:
        connection.execute(update(api_keys).where(this, api_keys.c.revoked_at.is_(None)).values(revoked_at=now))
        row = connection.execute(select(api_keys).where(this)).mappings().first()
        if row is None:
            raise UnknownKeyError
        add_audit(connection, actor=actor, action="key.revoke", subject=row["name"], details={"key_id": key_id})
    return _key(row)


def find_key(engine: Engine, text: str) -> Identity | None:
    """Return who sends a key, None where it is unknown or revoked."""
    form = _FORM.fullmatch(text)
    if form is None:
        return None
    with reading(engine) as connection:
        row = connection.execute(select(api_keys).where(api_keys.c.key_id == form[1])).mappings().first()
    digest = sha256_of(text)
    if row is None or row["revoked_at"] is not None or not hmac.compare_digest(row["sha256"], digest):
        return None
    return Identity(f"key {row['name']}", Role(row["role"]), "api_key", digest)


def note_use(engine: Engine, digest: str, now: datetime) -> None:
    """Keep when a key was used, at most once a minute."""
    due = or_(api_keys.c.last_used_at.is_(None), api_keys.c.last_used_at <= now - NOTED_EVERY)
    this = api_keys.c.sha256 == digest
    with reading(engine) as connection:
        if connection.execute(select(api_keys.c.key_id).where(this, due)).first() is None:
            return
    with engine.begin() as connection:
        connection.execute(update(api_keys).where(this, due).values(last_used_at=now))


def _key(row: RowMapping) -> ApiKey:
    return ApiKey(**{name: row[name] for name in row if name != "sha256"} | {"role": Role(row["role"])})
