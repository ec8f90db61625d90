"""Finds out who sends a request: by a key, by a session, or as this machine's own user."""

import logging
import threading
from collections.abc import Callable
from typing import Final, Protocol

import anyio
from fastapi import Request
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from backend.api.peer_owner import PEER_OWNER, PeerOwner, is_ours
from backend.api.problems import StartingError
from backend.api.protected_mode import Claim, is_loopback, why_not_local
from backend.api.session_cookie import session_id_of
from backend.api.short_memory import ShortMemory
from backend.domain.access import Identity, Role
from backend.domain.clock import Clock
from backend.errors import NotIdentifiedError, ProtectedModeError
from backend.settings import Settings
from backend.state.api_keys import find_key, note_use, sha256_of
from backend.state.sessions import find_session, note_seen
from backend.state.users import credentials_exist

_log = logging.getLogger("routing_ml.api")
_CREDENTIALS: Final = "credentials"


class State(Protocol):
    """The state database as a server that is starting has it."""

    def wait_for_state(self) -> Engine:
        """Return the engine once its tables are there; raises StartingError."""

    @property
    def jobs_are_open(self) -> bool:
        """Tell whether that is so."""


class Access:
    """What one server process knows of those that ask."""

    def __init__(self, settings: Settings, clock: Clock, state: State) -> None:
        self.peer_owner: PeerOwner | None = PEER_OWNER
        self.hashing = anyio.CapacityLimiter(2)
        """Passwords are hashed by two threads at most, of 19 MiB each, and never by those that predict."""
        self._host = settings.env.API_HOST
        self._trusts_local = settings.config.security.local_trust == "operator"
        self._clock = clock
        self._state = state
        self._identities: ShortMemory[Identity] = ShortMemory(clock)
        self._existing: ShortMemory[bool] = ShortMemory(clock)
        self._noting = threading.Lock()

    async def identify(self, request: Request) -> Identity:
        """Return who sends a request; raises NotIdentifiedError or ProtectedModeError.

        Credentials that are wrong are never overlooked, not even where the request would be served without.
        """
        if len(request.headers.getlist("authorization")) > 1:
            raise NotIdentifiedError("more than one Authorization header came with it")
        if (key := _bearer(request)) is not None:
            return await self._known_by(key, self._find_key, "the API key is unknown or revoked")
        if (session_id := session_id_of(request)) is not None:
            return await self._known_by(session_id, self._find_session, "the session is over")
        return await self._local(request)

    def forget(self) -> None:
        """Look everything up anew, because this process has changed it; others do so within two seconds."""
        self._identities.forget()
        self._existing.forget()

    async def refuse_in_protected_mode(self, request: Request) -> None:
        """Raise ProtectedModeError where nobody can log in yet and the request is not local."""
        why = self._why_not_local(request)
        if why is not None and not await self._credentials_exist():
            raise ProtectedModeError(why)

    async def credentials_exist(self) -> bool:
        """Tell whether there is any user or key."""
        return bool(await self._credentials_exist())

    def warn_where_nobody_can_log_in(self, state: Engine) -> None:
        """Log what to do where the server listens for other machines though none of them could say who it is."""
        host = self._host
        if host == "localhost" or is_loopback(host) or credentials_exist(state):
            return
        _log.warning(
            "the server listens on %s, but with no user and no key all other machines get 403: 'routing-ml users add "
            "NAME --role admin' makes the first admin, API_HOST=127.0.0.1 in .env serves this machine alone",
            host,
        )

    async def _known_by(self, secret: str, find: Callable[[str], Identity | None], else_: str) -> Identity:
        found = await self._identities.get(sha256_of(secret), lambda: find(secret))
        if found is None:
            raise NotIdentifiedError(else_)
        return found

    def _find_key(self, key: str) -> Identity | None:
        return self._noted(find_key(self._state.wait_for_state(), key), note_use)

    def _find_session(self, session_id: str) -> Identity | None:
        return self._noted(find_session(self._state.wait_for_state(), session_id, self._clock()), note_seen)

    def _noted(self, found: Identity | None, note: Callable[..., None]) -> Identity | None:
        """Keep when it was used; a database that takes no writes just now is no reason to refuse anybody.

        Nor to let all wait, and take the threads from those that predict: one does, others are noted when next asked.
        """
        if found is not None and self._noting.acquire(blocking=False):
            try:
                note(self._state.wait_for_state(), found.secret_sha256, self._clock())
            except SQLAlchemyError as error:
                _log.warning("the use of a key or session was not noted: %s", type(error).__name__)
            finally:
                self._noting.release()
        return found

    async def _local(self, request: Request) -> Identity:
        why = self._why_not_local(request)
        if why is None and self._trusts_local and not self._state.jobs_are_open:
            return Identity("local", Role.OPERATOR, "local")  # so much is certain while the database is away
        try:
            exist = await self._credentials_exist()
        except (StartingError, SQLAlchemyError):
            if why is None and self._trusts_local:
                return Identity("local", Role.OPERATOR, "local")
            raise
        if not exist and why is not None:
            raise ProtectedModeError(why)
        if why is not None or (exist and not self._trusts_local):
            raise NotIdentifiedError
        return Identity("local", Role.OPERATOR if exist else Role.ADMIN, "local")

    async def _credentials_exist(self) -> bool | None:
        return await self._existing.get(_CREDENTIALS, lambda: credentials_exist(self._state.wait_for_state()))

    def _why_not_local(self, request: Request) -> str | None:
        peer = request.client
        claim = Claim.of(peer.host if peer else None, request.scope["scheme"], request.headers)
        return why_not_local(claim) or self._why_not_ours(request)

    def _why_not_ours(self, request: Request) -> str | None:
        """Apply the fifth rule: on Linux the other end has to be a process of our user, or of root."""
        if self.peer_owner is None:
            return None
        peer, own = request.scope.get("client"), request.scope.get("server")
        try:
            owner = self.peer_owner((peer[0], peer[1]), (own[0], own[1])) if peer and own else None
        except (OSError, ValueError) as error:
            _log.warning("the owner of a local connection cannot be asked for: %s", error)
            return "this system does not tell whose process sent this request"
        return None if is_ours(owner) else "this request was sent by another user's process"


def _bearer(request: Request) -> str | None:
    kind, _, key = request.headers.get("authorization", "").partition(" ")
    return key.strip() if kind.lower() == "bearer" else None
