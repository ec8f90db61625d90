"""A TCP proxy before a database that breaks the connection off, or falls silent, in the middle of an answer."""

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass

CHUNK_BYTES = 65_536
WITHOUT_LINGERING = struct.pack("ii", 1, 0)
"""For SO_LINGER: closing sends a reset."""


@dataclass
class Proxy:
    """Passes connections on to a Unix socket; breaks them off after so many bytes of answers where told to."""

    target: str
    port: int
    breaks_after_bytes: int | None = None
    with_reset: bool = False
    silent_after_bytes: int | None = None
    """From then on nobody is answered, as by a server that hangs."""
    is_silent: bool = False

    def serve(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):  # the listener is closed at the end
            while True:
                client, _ = listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self.target)
                for source, sink, answers in ((client, server, False), (server, client, True)):
                    threading.Thread(target=self._pass_on, args=(source, sink, answers), daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket, answers: bool) -> None:
        passed = 0
        with contextlib.suppress(OSError):
            while content := source.recv(CHUNK_BYTES):
                passed += len(content)
                if answers and self.silent_after_bytes is not None and passed > self.silent_after_bytes:
                    self.is_silent = True
                if self.is_silent:
                    continue
                if answers and self.breaks_after_bytes is not None and passed > self.breaks_after_bytes:
                    sink.sendall(content[: len(content) // 2])
                    break
                sink.sendall(content)
        with contextlib.suppress(OSError):
            if self.with_reset:
                sink.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, WITHOUT_LINGERING)
            sink.shutdown(socket.SHUT_RDWR)
            sink.close()


@contextlib.contextmanager
def proxy_to(target: str) -> Iterator[Proxy]:
    """Run a proxy on a free port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        proxy = Proxy(target, listener.getsockname()[1])
        threading.Thread(target=proxy.serve, args=(listener,), daemon=True).start()
        yield proxy
        listener.shutdown(socket.SHUT_RDWR)
