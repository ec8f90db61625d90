"""How a log line looks: time, level, logger, request id, message; nothing in it can forge another line."""

import logging
import re
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Final
from urllib.parse import unquote, urlsplit

from backend.settings import Settings

request_id: ContextVar[str] = ContextVar("request_id", default="-")
"""The id of the HTTP request being served; "-" outside of one."""

CONTINUATION: Final = "  | "
"""Starts every line of a traceback, so that text inside one never looks like a line of its own."""

_CONTROL_CHARACTERS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def escape_controls(text: str) -> str:
    r"""Write control characters, line separators and lone surrogates as escapes.

    >>> print(escape_controls("a\nb\x1b[31m"))
    a\x0ab\x1b[31m
    """
    return _CONTROL_CHARACTERS.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def secrets_of(settings: Settings) -> tuple[str, ...]:
    """Return the configured values that must never reach a log."""
    env = settings.env
    urls = (env.DATABASE_URL, env.STATE_DATABASE_URL)
    passwords = [form for url in urls if url for form in _passwords_in(url)]
    found = [env.DATABASE_PASSWORD, env.BUNDLE_HMAC_KEY, *passwords]
    return tuple(secret for secret in found if secret and len(secret) >= 4)


def _passwords_in(url: str) -> tuple[str, ...]:
    """Return a URL's password as it is written there and as the driver gets it."""
    try:
        written = urlsplit(url).password or ""
    except ValueError:
        return ()  # no URL: whoever connects refuses it without repeating it
    return written, unquote(written)


class LineFormatter(logging.Formatter):
    """Formats one record as one line, tracebacks as continuation lines; secrets become ***."""

    def __init__(self, secrets: tuple[str, ...] = ()) -> None:
        super().__init__()
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        """Return the line without its line end."""
        moment = datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]
        head = f"{moment}Z {record.levelname} {record.name} [{request_id.get()}] "
        lines = [head + escape_controls(record.getMessage()), *self._continuation(record)]
        return self._redacted("\n".join(lines))

    def _continuation(self, record: logging.LogRecord) -> list[str]:
        text = self.formatException(record.exc_info) if record.exc_info else ""
        if record.stack_info:
            text += "\n" + record.stack_info
        return [CONTINUATION + escape_controls(line) for line in text.split("\n") if line]

    def _redacted(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text
