"""Who is asking, and what each role may do."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal, TypeAlias

How: TypeAlias = Literal["local", "session", "api_key"]
"""What an identity was known by: this machine's own user, a login, a key."""

USER_NAME_PATTERN: Final = r"[0-9a-z가-힣][0-9a-z가-힣._@-]{0,59}"
RESERVED_NAMES: Final = frozenset({"api", "cli", "job", "key", "local", "story", "watch"})
"""What the audit trail calls those that are no user."""


class Role(StrEnum):
    """What somebody may do; each role may do all that those before it may."""

    VIEWER = "viewer"
    PLANNER = "planner"
    OPERATOR = "operator"
    ADMIN = "admin"

    def covers(self, needed: "Role") -> bool:
        """Tell whether this role may do what the other one may.

        >>> Role.OPERATOR.covers(Role.PLANNER), Role.VIEWER.covers(Role.PLANNER)
        (True, False)
        """
        order = list(Role)
        return order.index(self) >= order.index(needed)


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody whose request is served."""

    name: str
    """What the audit trail calls them: a user's name, `key NAME`, or `local`."""
    role: Role
    how: How
    secret_sha256: str = ""
    """Of the session's id or of the key."""
    csrf_token: str | None = None
    """What a change made with a session has to bring along."""


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may log in; the timestamp is naive UTC."""

    name: str
    role: Role
    disabled: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class UserChange:
    """What to change of a user; None stays."""

    role: Role | None = None
    disabled: bool | None = None
    password_hash: str | None = None

    @property
    def ends_being_admin(self) -> bool:
        """Tell whether an admin is none afterwards."""
        return self.role not in {None, Role.ADMIN} or bool(self.disabled)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A program's key, without its secret; timestamps are naive UTC."""

    key_id: str
    name: str
    role: Role
    created_at: datetime
    last_used_at: datetime | None
    """To the minute."""
    revoked_at: datetime | None


def plain_name(typed: str) -> str:
    """Return a user's name as it is kept, however it was typed.

    >>> plain_name(" Kim.Planner ")
    'kim.planner'
    """
    return unicodedata.normalize("NFC", typed.strip().casefold())


def is_user_name(name: str) -> bool:
    """Tell whether a user can have this name.

    >>> is_user_name("김계획"), is_user_name("local"), is_user_name("key x")
    (True, False, False)
    """
    return re.fullmatch(USER_NAME_PATTERN, name) is not None and name not in RESERVED_NAMES
