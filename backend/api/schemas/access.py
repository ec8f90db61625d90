"""What the endpoints of logins, users and keys take and give."""

from typing import Annotated, Final, Self

from pydantic import ConfigDict, Field, StringConstraints

from backend.api.schemas.common import NO_CONTROL_CHARACTERS, Answer, Request, UtcTime
from backend.domain.access import ApiKey, How, Identity, Role, User

_TIMES: Final = {"created_at": "2025-10-22T14:03:11Z"}

Name = Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=NO_CONTROL_CHARACTERS)]
Password = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
NewPassword = Annotated[Password, Field(json_schema_extra={"minLength": 12})]
"""Its length is judged where it is hashed, which says more than that it is too short."""


class LoginRequest(Request):
    """A user who logs in."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"user": "kim", "password": "…"}]})

    user: Name
    password: Password = Field(repr=False)


class PasswordRequest(Request):
    """A user's own new password."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"password": "…", "new_password": "four plain words together"}]}
    )

    password: Password = Field(repr=False, description="the present one")
    new_password: NewPassword = Field(repr=False, description="12 to 200 characters")


class Me(Answer):
    """Who asks, as the server knows them."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "kim",
                    "role": "planner",
                    "how": "session",
                    "csrf_token": "V1b0…",
                    "credentials_exist": True,
                }
            ]
        }
    )

    name: str = Field(description="as the audit trail has it")
    role: Role = Field(description="viewer < planner < operator < admin; each may do what those before it may")
    how: How = Field(description="local: this machine's own user, without credentials")
    csrf_token: str | None = Field(description="changes made with a session send it as X-CSRF-Token; null otherwise")
    credentials_exist: bool = Field(description="whether there is any user or key; before, local requests may do all")

    @classmethod
    def of(cls, identity: Identity, *, credentials_exist: bool) -> Self:
        """Show one identity."""
        return cls(
            name=identity.name,
            role=identity.role,
            how=identity.how,
            csrf_token=identity.csrf_token,
            credentials_exist=credentials_exist,
        )


class NewUser(Request):
    """A user to add."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "kim", "password": "four plain words together", "role": "planner"}]}
    )

    name: Name = Field(description="kept in small letters")
    password: NewPassword = Field(repr=False, description="12 to 200 characters")
    role: Role


class UserChangeRequest(Request):
    """What to change of a user; what is left out stays. A new password, or disabling, ends the user's sessions."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"role": "operator"}, {"disabled": True}]})

    role: Role | None = None
    disabled: bool | None = None
    password: NewPassword | None = Field(default=None, repr=False)


class UserView(Answer):
    """A user."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "kim", "role": "planner", "disabled": False, **_TIMES}]}
    )

    name: str
    role: Role
    disabled: bool
    created_at: UtcTime

    @classmethod
    def of(cls, user: User) -> Self:
        """Show one user."""
        return cls(name=user.name, role=user.role, disabled=user.disabled, created_at=user.created_at)


class UserList(Answer):
    """All users, by name."""

    users: tuple[UserView, ...]


class NewKey(Request):
    """A key to make."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "prometheus", "role": "viewer"}]})

    name: Name = Field(description="what will use it; the audit trail calls it `key NAME`")
    role: Role


class KeyView(Answer):
    """A key, without its secret."""

    key_id: str
    name: str
    role: Role
    created_at: UtcTime
    last_used_at: UtcTime | None = Field(description="to the minute")
    revoked_at: UtcTime | None

    @classmethod
    def of(cls, key: ApiKey) -> Self:
        """Show one key."""
        return cls(
            key_id=key.key_id,
            name=key.name,
            role=key.role,
            created_at=key.created_at,
            last_used_at=key.last_used_at,
            revoked_at=key.revoked_at,
        )


class KeyMade(Answer):
    """A new key with its text, which is shown here and never again."""

    key: KeyView
    text: str = Field(description="sent as `Authorization: Bearer …`")


class KeyList(Answer):
    """All keys, revoked ones too, oldest first."""

    keys: tuple[KeyView, ...]
