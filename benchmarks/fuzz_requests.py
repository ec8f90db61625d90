"""Whole requests out of the app's own document: methods, addresses, headers and bodies, each from its own seed."""

import random
from dataclasses import dataclass
from typing import Any, Final

from benchmarks.fuzz_values import Values

JSON: Final = b"application/json"
METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW")
CONTENT_TYPES: Final = (
    *(b"text/plain", b"", b"\xff", b"application/json; charset=utf-16", b"multipart/form-data; boundary=x"),
    *(b"application/x-www-form-urlencoded", b"application/json;charset=utf-8", b"APPLICATION/JSON", b"*/*"),
)
ODD_PATHS: Final = (
    *("/", "//", "/../", "/%2e%2e/%2e%2e/etc/passwd", "/api", "/api/", "/api//models", "/api/models/../audit"),
    *("/docs/assets/../../x", "/docs/assets/%2e%2e%2fapp.py", "/assets/%00", "/openapi.json/", "/\\..\\", "/%c0%ae"),
    *("/api/models/%2e%2e", "/health/..", "*", "/api/predict/", "/" + "a/" * 2000, "/index.html", "/docs", "/docs/"),
)
ODD_HEADERS: Final[tuple[tuple[bytes, tuple[bytes, ...]], ...]] = (
    (b"x-request-id", (b"a" * 5000, b"\xff\x00", b"find-me")),
    (b"last-event-id", (b"-1", b"99999999999999999999", b"\xff", b"00112233445566ff.1.1")),
    (b"if-match", (b"*", b'"no-file"', b'W/"x"', b"\xff", b",,,", b'"' * 500)),
    (b"if-none-match", (b"*", b'"x"', b"\xff")),
    (b"accept", (b"text/event-stream", b"\xff", b"", b"image/png")),
    (b"accept-language", (b"ko", b"\xff", b"a" * 3000)),
    (b"range", (b"bytes=0-0", b"bytes=9-1", b"bytes=-", b"bytes=0-1,3-4,5-6", b"x=1", b"bytes=99999999999-")),
    (b"if-modified-since", (b"yesterday", b"Thu, 01 Jan 1970 00:00:00 GMT")),
    (b"origin", (b"http://localhost", b"null", b"\xff", b"http://evil.example")),
    (b"sec-fetch-site", (b"same-origin", b"cross-site", b"\xff")),
    (b"host", (b"", b"localhost:99999", b"\xff", b"[::1", b"a b")),
    (b"cookie", (b"session=x", b"__Host-session=\xff", b"=;=;", b"a" * 8000, b'routing_ml_session="\\777"')),
    (b"authorization", (b"Bearer ", b"Bearer \xff", b"Basic Og==", b"Bearer rml_x_y", b"bearer\x00", b"Digest")),
    (b"x-csrf-token", (b"", b"\xff")),
    (b"x-forwarded-for", (b"127.0.0.1", b"\xff")),
    (b"forwarded", (b"for=x",)),
    (b"content-length", (b"-1", b"0", b"99999999999999999999999", b"1e3", b"\xb2", b"")),
    (b"content-encoding", (b"gzip", b"identity", b"\xff")),
    (b"transfer-encoding", (b"chunked", b"\xff")),
    (b"expect", (b"100-continue", b"\xff")),
    (b"upgrade", (b"websocket",)),
)


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the document."""

    method: str
    path: str
    described: dict[str, Any]

    @property
    def body_schema(self) -> dict[str, Any] | None:
        """The schema of its body, where it takes one."""
        content: dict[str, dict[str, Any]] = self.described.get("requestBody", {}).get("content", {})
        return content["application/json"].get("schema") if content else None


@dataclass(frozen=True, slots=True)
class Request:
    """One request as an ASGI server hands it over."""

    method: str
    target: str
    """Path and query as the client sent them."""
    headers: tuple[tuple[bytes, bytes], ...]
    body: tuple[bytes, ...]
    """In the pieces in which it comes."""


def operations_of(document: dict[str, Any]) -> list[Operation]:
    """Return all operations of an OpenAPI document."""
    return [
        Operation(method.upper(), path, described)
        for path, found in document["paths"].items()
        for method, described in found.items()
    ]


class Requests:
    """Draws request number n; the same seed and number make the same request, as long as the same things are known."""

    def __init__(self, document: dict[str, Any], seed: int, key: str, known: dict[str, list[str]]) -> None:
        self.operations = operations_of(document)
        self.known = known
        self._schemas = document["components"]["schemas"]
        self._seed, self._key = seed, key.encode()

    def draw(self, number: int) -> Request:
        """Return one request."""
        dice = random.Random(f"{self._seed} {number}")  # noqa: S311 - repeatable, not secret
        values = Values(dice, self._schemas, self.known, spoilt=dice.choice((0.0, 0.02, 0.1)))
        operation = dice.choice(self.operations)
        target = dice.choice(ODD_PATHS) if dice.random() < 0.03 else _target(operation, values)
        method = dice.choice(METHODS) if dice.random() < 0.06 else operation.method
        body = _body(operation, values)
        return Request(method, target, self._headers(dice, body), _pieces(dice, body))

    def _headers(self, dice: random.Random, body: bytes) -> tuple[tuple[bytes, bytes], ...]:
        headers = [(b"host", b"localhost")]
        if dice.random() < 0.95:
            headers.append((b"authorization", b"Bearer " + self._key))
        if body:
            headers.append((b"content-type", dice.choice(CONTENT_TYPES) if dice.random() < 0.06 else JSON))
            headers.append((b"content-length", str(len(body)).encode()))
        if self.known.get("etag") and dice.random() < 0.5:
            headers.append((b"if-match", self.known["etag"][-1].encode("latin-1")))
        for _ in range(dice.choice((0, 0, 0, 1, 1, 2))):
            name, values = dice.choice(ODD_HEADERS)
            headers = [one for one in headers if one[0] != name or dice.random() < 0.2]
            headers.append((name, dice.choice(values)))
        return tuple(headers)


def _target(operation: Operation, values: Values) -> str:
    parts, query = operation.path, []
    for parameter in operation.described.get("parameters", ()):
        name, schema = parameter["name"], parameter.get("schema", {})
        if parameter["in"] == "path":
            parts = parts.replace("{" + name + "}", values.piece(schema, name))
        elif parameter["in"] == "query" and (parameter.get("required") or values.dice.random() < 0.4):
            repeats = 2 if values.dice.random() < 0.03 else 1
            query += [f"{name}={values.piece(schema, name)}" for _ in range(repeats)]
    if values.dice.random() < 0.03:
        query.append(values.dice.choice(("=", "&&", "%ff=%fe", "a[]=1", "limit", "x=%00")))
    return parts + ("?" + "&".join(query) if query else "")


def _body(operation: Operation, values: Values) -> bytes:
    if operation.body_schema is None and values.dice.random() < 0.9:
        return b""
    return values.body(operation.body_schema or {})


def _pieces(dice: random.Random, body: bytes) -> tuple[bytes, ...]:
    if len(body) < 2 or dice.random() < 0.8:
        return (body,)
    place = dice.randrange(1, len(body))
    return (body[:place], body[place:])
