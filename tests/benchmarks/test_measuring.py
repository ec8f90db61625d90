import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from benchmarks.http_client import Connection, request_of
from benchmarks.stages import StageWatch

BIG = b"x" * 1_000_000


class Toy(BaseHTTPRequestHandler):
    """Answers {"ok"} with a big body and everything else with 503."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        asked = self.rfile.read(int(self.headers["Content-Length"]))
        body = BIG if asked == '{"품목"}'.encode() else b"busy"
        self.send_response(200 if body == BIG else 503)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        pass


@pytest.fixture
def port() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Toy)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_client_reads_whole_answers_over_one_connection(port: int) -> None:
    connection = Connection(port)
    try:
        for _ in range(3):
            connection.ask(request_of(port, '{"품목"}'))
    finally:
        connection.close()

    assert connection.sizes == [len(BIG)] * 3
    assert len(connection.milliseconds) == 3


def test_an_answer_that_is_no_success_ends_the_measurement(port: int) -> None:
    connection = Connection(port)
    try:
        with pytest.raises(ConnectionError, match="503"):
            connection.ask(request_of(port, "{}"))
    finally:
        connection.close()

    assert connection.sizes == []


def test_steps_that_differ_only_in_their_counts_are_one_stage() -> None:
    with StageWatch("opening") as watch:
        for step in ("reading items", "reading items: 5,000 rows", "trees: predicting 12 lots", "trees: predicting 13"):
            watch.report(0.5, step)

    assert [stage.name for stage in watch.stages] == ["opening", "reading items", "trees: predicting"]
