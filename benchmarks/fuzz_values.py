"""Values, bodies and addresses that no client should send, drawn from the app's own OpenAPI document."""

import json
import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, quote_from_bytes

_NUMBERS: Final = (0, -1, 1, 2**31, 2**63, -(2**64), 10**400, 1e308, -1e308, 5e-324, -0.0, 0.1, math.nan, math.inf)
_TEXTS: Final = (
    *("", " ", "\x00", "\ud800", "\udfff\ud800", "가" * 300, "a" * 100_000, "🧵", "\ufeff", "\u202e", "\r\nX: 1"),
    *("../../etc/passwd", "%2e%2e%2f", "'; DROP TABLE items; --", "=1+1", "NaN", "1e999", "null"),
    *("2026-13-45T99:99:99Z", "9999-12-31T23:59:59+14:00"),
)
_SHAPES: Final[tuple[Any, ...]] = ([], {}, [[]], [None], {"": ""}, {"__proto__": {}})
NASTY: Final = (None, True, False, *_NUMBERS, *_TEXTS, *_SHAPES)
RAW_BODIES: Final = (
    *(b"", b"{", b"}", b"null", b"[]", b'""', b"0", b"NaN", b"1e999", b"-", b"\xff\xfe{\x00}\x00", b"\xef\xbb\xbf{}"),
    *(b'{"a":1,"a":2}', b"[" * 50_000, b'{"a":' * 20_000, b"1" * 5_000, b'"\\ud800"', b'"\\u0000"', b"\x00" * 100),
    *(b'{"item_codes":["ITEM001"],"item_codes":[1]}', b'{"quantity":1e400}', b"<?xml version='1.0'?>", b"a=b&c=d"),
    b'{"item_codes":["' + b"A" * 1_200_000 + b'"]}',
)
MOST_DEPTH: Final = 5


@dataclass
class Values:
    """Draws values of a schema, spoilt now and then; one dice for one request."""

    dice: random.Random
    schemas: dict[str, Any]
    known: dict[str, list[str]] = field(default_factory=dict)
    """What exists in the installation, by the name of the parameter or property that takes it."""
    spoilt: float = 0.05

    def of(self, schema: dict[str, Any], name: str = "", depth: int = 0) -> Any:
        """Return a value that the schema would take, or, now and then, one that it would not."""
        if self.dice.random() < self.spoilt or depth > MOST_DEPTH:
            return self.dice.choice(NASTY)
        if "$ref" in schema:
            return self.of(self.schemas[schema["$ref"].rpartition("/")[2]], name, depth)
        if name in self.known and self.known[name] and self.dice.random() < 0.8:
            return self.dice.choice(self.known[name])
        for choice in ("enum", "examples"):
            if schema.get(choice) and self.dice.random() < (1 if choice == "enum" else 0.4):
                return self.dice.choice(schema[choice])
        several = schema.get("anyOf") or schema.get("oneOf") or schema.get("prefixItems")
        if several:
            return self.of(self.dice.choice(several), name, depth)
        return self._of_type(schema, name, depth)

    def body(self, schema: dict[str, Any]) -> bytes:
        """Return bytes to send: raw nonsense, or a value as JSON whose bytes are spoilt now and then."""
        if self.dice.random() < 0.15:
            return self.dice.choice(RAW_BODIES)
        text = json.dumps(self.of(schema), ensure_ascii=self.dice.random() < 0.5)
        content = text.encode("utf-8", "surrogatepass")
        return self._spoilt_bytes(content) if self.dice.random() < 0.2 else content

    def piece(self, schema: dict[str, Any], name: str) -> str:
        """Return a part of an address: a value as text, or raw bytes."""
        if self.dice.random() < 0.15:
            odd = (b"%00", b"..%2f..%2f", b"%ff%fe", b"%", b"%zz", b"%0d%0aX:1", b"a" * 5000, b"..", b".", b"//")
            return self.dice.choice(odd).decode("ascii")
        value = self.of(schema, name)
        if self.dice.random() < 0.05:
            return quote_from_bytes(self.dice.randbytes(20))
        text = value if isinstance(value, str) else json.dumps(value)
        return quote(text.encode("utf-8", "surrogatepass")[:6000], safe="")

    def _of_type(self, schema: dict[str, Any], name: str, depth: int) -> Any:
        dice, least = self.dice, schema.get("minimum", 0)
        makers: dict[str, Callable[[], Any]] = {
            "object": lambda: self._object(schema, depth),
            "array": lambda: self._array(schema, name, depth),
            "integer": lambda: dice.choice((least, schema.get("maximum", 99), dice.randrange(100))),
            "number": lambda: dice.choice((least, schema.get("maximum", 1e9), dice.random() * 50)),
            "boolean": lambda: dice.random() < 0.5,
            "string": lambda: self._text(schema),
            "null": lambda: None,
        }
        return makers.get(schema.get("type", ""), lambda: dice.choice(NASTY))()

    def _array(self, schema: dict[str, Any], name: str, depth: int) -> list[Any]:
        too_many = min(schema.get("maxItems", 5), 1000) + 1 if depth < 2 and self.dice.random() < 0.02 else 2
        count = self.dice.choice((0, 1, 1, 2, 3, too_many))
        return [self.of(schema.get("items", {}), name.rstrip("s"), depth + 1) for _ in range(count)]

    def _object(self, schema: dict[str, Any], depth: int) -> dict[str, Any]:
        needed = schema.get("required", ())
        names = [name for name in schema.get("properties", {}) if name in needed or self.dice.random() < 0.5]
        made = {name: self.of(schema["properties"][name], name, depth + 1) for name in names}
        if isinstance(schema.get("additionalProperties"), dict):
            extra = self.dice.choice(("PART_TYPE", "OUTDIAMETER", "MATERIAL", "sampling.seed", "x", ""))
            made[extra] = self.of(schema["additionalProperties"], "", depth + 1)
        if made and self.dice.random() < 0.05:
            made.pop(self.dice.choice(list(made)))
        return made

    def _text(self, schema: dict[str, Any]) -> str:
        if schema.get("format") == "date-time":
            return self.dice.choice(("2026-01-31T08:00:00Z", "2026-01-31T08:00:00+09:00", "0001-01-01T00:00:00-14:00"))
        length = self.dice.choice((schema.get("minLength", 0), 3, 12, schema.get("maxLength", 40)))
        return "".join(self.dice.choices("abcA019-_ ./가%\"'\\", k=min(length, 3000)))

    def _spoilt_bytes(self, content: bytes) -> bytes:
        place = self.dice.randrange(len(content) + 1)
        return self.dice.choice(
            (
                content[:place],
                content + content,
                content[:place] + self.dice.randbytes(3) + content[place:],
                content.replace(b":", b": 1e999, ", 1),
                content.replace(b"{", b'{"reason": "a", "reason": "b", ', 1),
                b"\xef\xbb\xbf" + content,
                content.decode("utf-8", "replace").encode("utf-16"),
                b"[" * 2000 + content,
            )
        )
