"""Users and keys, for admins."""

from typing import Annotated

import anyio
from fastapi import APIRouter, Path
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from backend.api.authorisation import IdentityDep
from backend.api.schemas.access import KeyList, KeyMade, KeyView, NewKey, NewUser, UserChangeRequest, UserList, UserView
from backend.api.schemas.common import NO_CONTROL_CHARACTERS, problem_responses
from backend.api.services import ServicesDep, StateDep
from backend.domain.access import UserChange, plain_name
from backend.state.api_keys import add_key, list_keys, revoke_key
from backend.state.passwords import hash_password
from backend.state.users import add_user, change_user, list_users, remove_user

router = APIRouter(prefix="/api/auth", tags=["access"])

UserName = Annotated[str, Path(min_length=1, max_length=60, pattern=NO_CONTROL_CHARACTERS, examples=["kim"])]
KeyId = Annotated[str, Path(pattern=r"^[0-9a-f]{12}$", examples=["1f0c9a3e1b7d"])]
_LAST_ADMIN = {404: "no such user", 409: "nobody else is an admin"}


@router.get("/users")
def show_users(state: StateDep) -> UserList:
    """List the users."""
    return UserList(users=tuple(map(UserView.of, list_users(state))))


@router.post("/users", status_code=201, responses=problem_responses({409: "there is a user of that name already"}))
async def make_user(body: NewUser, identity: IdentityDep, services: ServicesDep) -> UserView:
    """Add a user. Once there is one, requests without credentials are no longer those of an admin."""
    name = plain_name(body.name)
    kept = await anyio.to_thread.run_sync(hash_password, body.password, name, limiter=services.access.hashing)

    def keep() -> UserView:
        user = add_user(services.wait_for_state(), name, kept, body.role, services.clock(), actor=identity.name)
        services.access.forget()
        return UserView.of(user)

    return await run_in_threadpool(keep)


@router.patch("/users/{name}", responses=problem_responses(_LAST_ADMIN))
async def alter_user(name: UserName, body: UserChangeRequest, identity: IdentityDep, services: ServicesDep) -> UserView:
    """Change a user's role or password, disable or enable them."""
    kept = None
    if body.password is not None:
        kept = await anyio.to_thread.run_sync(
            hash_password, body.password, plain_name(name), limiter=services.access.hashing
        )
    own_session = identity.secret_sha256 if identity.how == "session" else ""

    def keep() -> UserView:
        change = UserChange(body.role, body.disabled, kept)
        state = services.wait_for_state()
        user = change_user(state, plain_name(name), change, actor=identity.name, keep_session=own_session)
        services.access.forget()
        return UserView.of(user)

    return await run_in_threadpool(keep)


@router.delete("/users/{name}", status_code=204, response_class=Response, responses=problem_responses(_LAST_ADMIN))
def drop_user(name: UserName, identity: IdentityDep, services: ServicesDep, state: StateDep) -> None:
    """Remove a user; what they did stays in the audit trail. Disabling keeps the name from being given again."""
    remove_user(state, plain_name(name), actor=identity.name)
    services.access.forget()


@router.get("/keys")
def show_keys(state: StateDep) -> KeyList:
    """List the keys."""
    return KeyList(keys=tuple(map(KeyView.of, list_keys(state))))


@router.post("/keys", status_code=201, responses=problem_responses({409: "a key of that name exists or has existed"}))
def make_key(
    body: NewKey, identity: IdentityDep, services: ServicesDep, state: StateDep, response: Response
) -> KeyMade:
    """Make a key for a program; its text is in this answer and nowhere else."""
    key, text = add_key(state, body.name, body.role, services.clock(), actor=identity.name)
    services.access.forget()
    response.headers["Cache-Control"] = "no-store"
    return KeyMade(key=KeyView.of(key), text=text)


@router.delete("/keys/{key_id}", responses=problem_responses({404: "no such key"}))
def drop_key(key_id: KeyId, identity: IdentityDep, services: ServicesDep, state: StateDep) -> KeyView:
    """Revoke a key: every server process refuses it within two seconds."""
    key = revoke_key(state, key_id, services.clock(), actor=identity.name)
    services.access.forget()
    return KeyView.of(key)
