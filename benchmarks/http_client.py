"""A lean load generator: python -m benchmarks.http_client PORT SECONDS CONNECTIONS BODIES.

Raw sockets with keep-alive, one thread per connection, prepared requests: on a machine with few cores a comfortable
client would take the time that it is to measure. BODIES is a JSON file with a list of bodies for POST /api/predict,
which the connections take turns with.
"""

import json
import socket
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

PATIENCE_SECONDS: Final = 120


class Connection:
    """One keep-alive connection and what it has measured."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.milliseconds: list[float] = []
        self.sizes: list[int] = []

    def ask(self, request: bytes) -> None:
        """Send one request and read its whole answer; raises ConnectionError for any status but 200."""
        begun = time.perf_counter()
        self._socket.sendall(request)
        size = self._read_answer()
        self.milliseconds.append(1000 * (time.perf_counter() - begun))
        self.sizes.append(size)

    def ask_until(self, end: float, requests: Sequence[bytes], number: int) -> None:
        """Go through the requests from a number on, over and over, until the moment has come."""
        while time.perf_counter() < end:
            self.ask(requests[number % len(requests)])
            number += 1

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()

    def _read_answer(self) -> int:
        received = self._socket.recv(65536)
        while b"\r\n\r\n" not in received:
            received += self._more()
        head, _, body = received.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise ConnectionError(received[:300].decode(errors="replace"))
        lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        size, have = int(lengths[0].partition(b":")[2]), len(body)
        while have < size:
            have += len(self._more())
        return size

    def _more(self) -> bytes:
        received = self._socket.recv(262144)
        if not received:
            raise ConnectionError("the server closed the connection in the middle of an answer")
        return received


def request_of(port: int, body: str) -> bytes:
    """Return a whole HTTP request."""
    content = body.encode()
    head = f"POST /api/predict HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content


def main() -> int:
    """Load the server and print requests per second and percentiles as one line of JSON."""
    port, seconds, count = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
    bodies: list[str] = json.loads(Path(sys.argv[4]).read_text(encoding="utf-8"))
    requests = [request_of(port, body) for body in bodies]
    connections = [Connection(port) for _ in range(count)]
    failures: list[BaseException] = []
    threading.excepthook = lambda failed: failures.append(failed.exc_value or SystemExit("a connection failed"))
    cpu, begun = time.process_time(), time.perf_counter()
    threads = [
        threading.Thread(target=each.ask_until, args=(begun + seconds, requests, number * len(requests) // count))
        for number, each in enumerate(connections)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wall, cpu = time.perf_counter() - begun, time.process_time() - cpu
    for each in connections:
        each.close()
    if failures:
        raise failures[0]
    milliseconds = [value for each in connections for value in each.milliseconds]
    sizes = [size for each in connections for size in each.sizes]
    measured = {
        "requests": len(milliseconds),
        "per_second": len(milliseconds) / wall,
        "p50": float(np.percentile(milliseconds, 50)),
        "p99": float(np.percentile(milliseconds, 99)),
        "wall_seconds": wall,
        "client_cpu_seconds": cpu,
        "answer_bytes": float(np.median(sizes)),
    }
    print(json.dumps(measured))
    return 0


if __name__ == "__main__":
    sys.exit(main())
