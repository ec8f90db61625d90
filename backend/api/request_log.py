"""Gives each request an id, counts and logs it, and turns an unexpected error into a 500 that names the id."""

import logging
import re
import secrets
import time
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.api.problems import problem_of
from backend.api.user_interface import ROUTE as USER_INTERFACE
from backend.monitoring.log_format import request_id
from backend.monitoring.prometheus import Metrics

HEADER: Final = "X-Request-ID"
HEALTH: Final = "/health"
_SANE_ID: Final = re.compile(r"[0-9A-Za-z_.:-]{1,64}")
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_access = logging.getLogger("routing_ml.access")
_log = logging.getLogger("routing_ml.api")


class RequestLog:
    """ASGI middleware around everything else of ours."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request under its id."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        token = request_id.set(_choose_id(Headers(scope=scope).get(HEADER)))
        try:
            await _Exchange(self._metrics, scope, send).run(self._app, receive)
        finally:
            request_id.reset(token)


def _choose_id(offered: str | None) -> str:
    return offered if offered and _SANE_ID.fullmatch(offered) else secrets.token_hex(8)


class _Exchange:
    """One request and what is known of its answer so far."""

    def __init__(self, metrics: Metrics, scope: Scope, send: Send) -> None:
        self._metrics = metrics
        self._scope = scope
        self._send = send
        self._started_at = time.perf_counter()
        self._status = 0
        self._stream_seconds: float | None = None

    async def run(self, app: ASGIApp, receive: Receive) -> None:
        try:
            await app(self._scope, receive, self._watch)
        except Exception as error:
            if self._status:
                _log.exception("the answer broke off")
                raise
            await problem_of(error)(self._scope, receive, self._watch)
        finally:
            self._finish()

    async def _watch(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            headers = MutableHeaders(scope=message)
            headers[HEADER] = request_id.get()
            if headers.get("content-type", "").startswith("text/event-stream"):
                self._stream_seconds = time.perf_counter() - self._started_at
        await self._send(message)

    def _finish(self) -> None:
        seconds = time.perf_counter() - self._started_at
        method, path, status = self._scope["method"], self._scope["path"], self._status or 499
        # A page of the user interface loads dozens of files and asks for /health every few seconds, as monitors do:
        # in the log they would hide what was asked for.
        is_routine = self._route() in {USER_INTERFACE, HEALTH} and status < 400
        level = logging.DEBUG if is_routine else logging.INFO
        _access.log(level, "%s %s %d %.1f ms from %s", method, path[:200], status, seconds * 1000, self._peer())
        measured = seconds if self._stream_seconds is None else self._stream_seconds
        self._metrics.observe_request(method if method in _METHODS else "other", self._route(), status, measured)

    def _route(self) -> str:
        """Return the route's template, so that ids and garbage in paths never become label values."""
        return str(getattr(self._scope.get("route"), "path", "unmatched"))

    def _peer(self) -> str:
        client = self._scope.get("client")
        return str(client[0]) if client else "-"
