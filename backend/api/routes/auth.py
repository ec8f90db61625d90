"""Logging in and out, one's own password, and who one is."""

import ipaddress
import logging

import anyio
from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from backend.api.authorisation import IdentityDep
from backend.api.schemas.access import LoginRequest, Me, PasswordRequest
from backend.api.schemas.common import problem_responses
from backend.api.services import Services, ServicesDep, StateDep
from backend.api.session_cookie import forget_session, session_id_of, set_session
from backend.domain.access import Identity, UserChange, plain_name
from backend.errors import OnlySessionsError, WrongLoginError
from backend.state.login_attempts import begin_attempt, forget_attempts
from backend.state.passwords import hash_password, is_password
from backend.state.sessions import close_session, find_session, open_session
from backend.state.users import change_user, find_login

router = APIRouter(prefix="/api/auth", tags=["access"])
_log = logging.getLogger("routing_ml.api")


@router.get("/me")
async def me(identity: IdentityDep, services: ServicesDep, response: Response) -> Me:
    """Say who asks and what they may do."""
    response.headers["Cache-Control"] = "no-store"
    return Me.of(identity, credentials_exist=await services.access.credentials_exist())


@router.post(
    "/login",
    responses=problem_responses({401: "user and password are refused", 429: "too many failed; see Retry-After"}),
)
async def login(body: LoginRequest, request: Request, response: Response, services: ServicesDep) -> Me:
    """Log a user in: the answer sets the session's cookie, and says the token that its changes send along."""
    await services.access.refuse_in_protected_mode(request)
    name = plain_name(body.user)
    await check_password(services, name, body.password, request)
    identity = await run_in_threadpool(_begin_session, services, name, request, response)
    return Me.of(identity, credentials_exist=True)


async def check_password(services: Services, name: str, password: str, request: Request) -> None:
    """Raise WrongLoginError, always after the same time, or TooManyLoginsError without trying."""
    peer = _peer(request)
    state = await run_in_threadpool(services.wait_for_state)
    await run_in_threadpool(begin_attempt, state, name, peer, services.clock())
    found = await run_in_threadpool(find_login, state, name)
    kept_hash = found[1] if found else None
    is_right = await anyio.to_thread.run_sync(is_password, password, kept_hash, limiter=services.access.hashing)
    if not is_right or found is None or found[0].disabled:
        _log.warning("a login from %s was refused", peer)
        raise WrongLoginError
    await run_in_threadpool(forget_attempts, state, name, peer)


def _begin_session(services: Services, name: str, request: Request, response: Response) -> Identity:
    now = services.clock()
    before = session_id_of(request) or ""
    session_id = open_session(services.state, name, now, peer=_peer(request), instead_of=before)
    services.access.forget()
    identity = find_session(services.state, session_id, now)
    if identity is None:  # disabled or removed at this very moment
        raise WrongLoginError
    set_session(request, response, session_id)
    return identity


@router.post("/logout", status_code=204, response_class=Response)
def logout(identity: IdentityDep, request: Request, response: Response, services: ServicesDep, state: StateDep) -> None:
    """End the session; who has none is told so."""
    if identity.how != "session":
        raise OnlySessionsError
    close_session(state, identity.secret_sha256, identity.name)
    services.access.forget()
    forget_session(request, response)


@router.put(
    "/password",
    status_code=204,
    response_class=Response,
    responses=problem_responses({401: "the present password is wrong", 422: "too weak"}),
)
async def change_own_password(
    body: PasswordRequest, identity: IdentityDep, request: Request, services: ServicesDep
) -> None:
    """Change one's own password; one's other sessions end."""
    if identity.how != "session":
        raise OnlySessionsError
    await check_password(services, identity.name, body.password, request)
    new_hash = await anyio.to_thread.run_sync(
        hash_password, body.new_password, identity.name, limiter=services.access.hashing
    )
    await run_in_threadpool(_keep_password, services, identity, new_hash)


def _keep_password(services: Services, identity: Identity, new_hash: str) -> None:
    change = UserChange(password_hash=new_hash)
    change_user(services.state, identity.name, change, actor=identity.name, keep_session=identity.secret_sha256)
    services.access.forget()


def _peer(request: Request) -> str:
    """Return where a request comes from; of IPv6 the network, for one machine has as many addresses as it likes."""
    host = request.client.host if request.client else "unknown"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host[:60]
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return host
