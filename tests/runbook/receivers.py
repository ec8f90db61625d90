"""Stands in for Slack, PagerDuty and the mail server: listens on this machine and keeps what it is sent."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import StreamRequestHandler, ThreadingTCPServer
from typing import Any


@dataclass
class Received:
    """What has come in: JSON by the path it was posted to, mails, and what the mail's sender logged in with."""

    posts: dict[str, list[Any]] = field(default_factory=dict)
    mails: list[str] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    http_port: int = 0
    smtp_port: int = 0


@contextmanager
def receiving() -> Iterator[Received]:
    """Listen for as long as the block runs."""
    received = Received()

    class Posts(_Posts):
        into = received

    class Mails(_Mails):
        into = received

    with ThreadingHTTPServer(("127.0.0.1", 0), Posts) as http, ThreadingTCPServer(("127.0.0.1", 0), Mails) as smtp:
        received.http_port, received.smtp_port = http.server_address[1], smtp.server_address[1]
        for server in (http, smtp):
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, daemon=True).start()
        yield received
        http.shutdown()
        smtp.shutdown()


class _Posts(BaseHTTPRequestHandler):
    into: Received

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.into.posts.setdefault(self.path, []).append(json.loads(body))
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        """Keep the test's output quiet."""


class _Mails(StreamRequestHandler):
    into: Received

    def handle(self) -> None:
        self._say("220 here")
        for raw in self.rfile:
            command, _, argument = raw.decode().strip().partition(" ")
            if command == "AUTH":
                self.into.logins.append(base64.b64decode(argument.split()[-1]).decode())
            if command == "DATA":
                self._say("354 go on")
                self.into.mails.append(b"".join(iter(self.rfile.readline, b".\r\n")).decode())
            self._say(
                {"EHLO": "250-here\r\n250 AUTH PLAIN", "AUTH": "235 yes", "QUIT": "221 bye"}.get(command, "250 ok")
            )

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())
