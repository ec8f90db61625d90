import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from backend.erp.reading import PlantReader
from benchmarks.http_client import Connection, request_of
from benchmarks.installation import as_server, fresh_installation, measure
from benchmarks.options import Options
from benchmarks.plants import demo_plant
from benchmarks.running import PartFailedError
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


def test_an_installation_reads_the_kept_plant_and_leaves_nothing_but_that(tmp_path: Path) -> None:
    options = Options(folder=tmp_path)
    with fresh_installation(options, 60, 3) as settings:
        read = PlantReader(settings).read_items(["ITEM001", "ITEM002"])
    database = demo_plant(options, 60, 3).plant_database_path
    written = database.stat().st_mtime_ns
    with fresh_installation(options, 60, 3) as again:
        assert not again.models_dir.joinpath("manifest.json").exists()

    assert read["item_code"].sort().to_list() == ["ITEM001", "ITEM002"]
    assert database.stat().st_mtime_ns == written
    assert [path.name for path in tmp_path.iterdir()] == ["60_3"]


def test_a_measurement_that_fails_is_named(tmp_path: Path) -> None:
    nobody_listens = ["1", "0", "1", str(tmp_path / "bodies.json")]

    with pytest.raises(PartFailedError, match="http_client ended with exit code 1"):
        measure("http_client", nobody_listens, as_server(tmp_path))
