"""Refuses requests that no handler should ever see: from another site's page, too large, not JSON, not finite."""

import asyncio
import json
import math
from http import HTTPStatus
from typing import Any, Final, NoReturn

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from backend.api.problems import problem

MAX_BODY_BYTES: Final = 1024 * 1024
LARGER_BODIES: Final = {"/api/predict/export": 4 * MAX_BODY_BYTES}
"""By path: a thousand routings of a dozen operations each have to come back whole."""
DRAIN_BYTES: Final = 16 * MAX_BODY_BYTES
"""A client is heard out this far before the 413, because few read an answer while they still send."""
BODY_SECONDS: Final = 30.0
METHODS_WITH_BODY: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class RefusedBodyError(Exception):
    """A request that is answered with a problem instead of being handed on."""

    def __init__(self, status: HTTPStatus, name: str, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.name = name
        self.detail = detail


class ClientGoneError(Exception):
    """The client hung up before its body was complete."""


class InputGuard:
    """ASGI middleware that reads and checks a whole body before the app starts on it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand checked requests on; answer the others here."""
        if scope["type"] != "http" or scope["method"] not in METHODS_WITH_BODY:
            await self._app(scope, receive, send)
            return
        try:
            check_origin(Headers(scope=scope))
            most_bytes = LARGER_BODIES.get(scope["path"], MAX_BODY_BYTES)
            body = await _read_body(Headers(scope=scope), receive, most_bytes)
            if body:
                check_headers(Headers(scope=scope))
                check_json(body)
        except ClientGoneError:
            return
        except RefusedBodyError as error:
            too_much = error.status in {HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.REQUEST_TIMEOUT}
            headers = {"Connection": "close"} if too_much else None
            await problem(error.status, error.name, error.detail, headers)(scope, receive, send)
            return
        await self._app(scope, _replay(body, receive), send)


async def _read_body(headers: Headers, receive: Receive, most_bytes: int) -> bytes:
    announced = headers.get("content-length", "")
    if announced.isdecimal() and int(announced[:20]) > most_bytes and _can_stop_now(headers, int(announced[:20])):
        _refuse_size(most_bytes)
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await _collect(receive, most_bytes)
    except TimeoutError:
        detail = f"the body did not arrive within {BODY_SECONDS:.0f} s"
        raise RefusedBodyError(HTTPStatus.REQUEST_TIMEOUT, "body-timeout", detail) from None


def _can_stop_now(headers: Headers, announced_bytes: int) -> bool:
    """Tell whether the client waits for permission to send, or has more to send than we listen to."""
    return headers.get("expect", "").lower() == "100-continue" or announced_bytes > DRAIN_BYTES


async def _collect(receive: Receive, most_bytes: int) -> bytes:
    chunks: list[bytes] = []
    size = 0
    more = True
    while more and size <= DRAIN_BYTES:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size <= most_bytes:
            chunks.append(chunk)
        more = message.get("more_body", False)
    if size > most_bytes:
        _refuse_size(most_bytes)
    return b"".join(chunks)


def _refuse_size(most_bytes: int) -> NoReturn:
    detail = f"a body may have at most {most_bytes} bytes; split the request"
    raise RefusedBodyError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body-too-large", detail)


def check_origin(headers: Headers) -> None:
    """Raise RefusedBodyError where a browser says that a page of another site asks for a change.

    Browsers send such requests for any page that a person opens; programs send neither header.
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    is_foreign = site not in {None, "same-origin", "none"} if site else _is_elsewhere(origin, headers.get("host", ""))
    if is_foreign:
        detail = "a page of another site asked for this; only this server's own pages and programs may change things"
        raise RefusedBodyError(HTTPStatus.FORBIDDEN, "foreign-origin", detail)


def _is_elsewhere(origin: str | None, host: str) -> bool:
    return origin is not None and origin.partition("://")[2].lower() != host.lower()


def check_headers(headers: Headers) -> None:
    """Raise RefusedBodyError unless the body is said to be plain UTF-8 JSON."""
    media_type, _, parameters = headers.get("content-type", "").partition(";")
    charset = parameters.replace(" ", "").replace('"', "").lower()
    is_json = media_type.strip().lower() == "application/json" and charset in {"", "charset=utf-8", "charset=utf8"}
    if not is_json or headers.get("content-encoding", "identity").lower() != "identity":
        detail = "send the body with Content-Type: application/json, in UTF-8 and not compressed"
        raise RefusedBodyError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "not-json", detail)


def check_json(body: bytes) -> None:
    """Raise RefusedBodyError unless the bytes are strict JSON in strict UTF-8 with finite numbers."""
    try:
        content = json.loads(body.decode("utf-8"), parse_constant=_refuse_constant, parse_float=_finite)
        if b"\\u" in body:
            json.dumps(content, ensure_ascii=False).encode("utf-8")
    except UnicodeDecodeError:
        _refuse_json("the body is not valid UTF-8")
    except UnicodeEncodeError:
        _refuse_json("the body has half of a surrogate pair, which is not Unicode text")
    except RecursionError:
        _refuse_json("the body is nested too deeply")
    except json.JSONDecodeError as error:
        _refuse_json(f"the body is not valid JSON (line {error.lineno}, column {error.colno})")
    except ValueError:
        _refuse_json("the body has a number that is too long")


def _refuse_json(detail: str) -> NoReturn:
    raise RefusedBodyError(HTTPStatus.BAD_REQUEST, "invalid-json", detail)


def _refuse_constant(_name: str) -> NoReturn:
    _refuse_json("NaN and Infinity are not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        _refuse_json("the body has a number that is too large")
    return number


def _replay(body: bytes, receive: Receive) -> Receive:
    """Give the app the body that was read, then whatever comes after it."""
    pending: list[dict[str, Any]] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return pending.pop() if pending else await receive()

    return replayed
