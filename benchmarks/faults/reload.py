"""Two server processes under load while versions change: no error, no mixed answer, no stale one."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import polars as pl

from backend.api.schemas.prediction import PredictResponse
from backend.domain.prediction import PredictionQuery
from backend.erp.demo import DemoOptions, write_demo_plant
from backend.erp.reading import PlantReader
from backend.ml.model import FitOptions, RoutingModel, fit_model
from backend.registry.bundle import read_bundle, write_bundle
from backend.registry.manifest import generation_of
from backend.settings import SOURCE_ROOT, load_settings
from benchmarks.faults.outcome import Outcome, in_memory
from benchmarks.faults.toys import ACTOR, REASON, open_store, toy_record
from benchmarks.installation import as_server

ITEMS: Final = 60
CODES: Final = ("ITEM001", "ITEM002", "ITEM003")
CLIENTS: Final = 4
WORKERS: Final = 2
START_SECONDS: Final = 60.0
BETWEEN_SECONDS: Final = 0.1
SERVE: Final = "from backend.cli import main; main()"
PATIENCE_SECONDS: Final = 30.0
NEVER_LOOK_AGAIN: Final = """
import sys, uvicorn
from backend.serving.model_follower import ModelFollower
ModelFollower._is_load_due = lambda self, stamp: self._served is None
uvicorn.run("backend.api.main:app", port=int(sys.argv[-1]))
"""
"""The planted bug: a server that keeps the model it began with."""


@dataclass
class Load:
    """What clients were answered while versions changed; shared by their threads."""

    committed: int
    """The newest generation whose deployment has returned."""
    answers: list[tuple[int, str, str]] = field(default_factory=list)
    """The generation committed when the request began, the version that answered, and its predictions."""
    errors: list[str] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)


def deploy_under_load(deploys: int, *, planted: bool = False) -> Outcome:
    """Deploy two models in turn, so often, while clients ask; how many answers, and which were wrong."""
    with in_memory("reload-") as root:
        bundles = _two_models(root)
        expected = [_predictions(bundle) for bundle in bundles]
        store, of_version = open_store(root), {}

        def deploy(number: int) -> int:
            manifest = store.promote(bundles[number % 2], actor=ACTOR, reason=REASON)
            of_version[str(manifest.active_version)] = expected[number % 2]
            return manifest.generation

        load = Load(deploy(0))
        with _server(root, planted) as port, _clients(load, port):
            for number in range(1, deploys + 1):
                load.committed = deploy(number)
                time.sleep(BETWEEN_SECONDS)
    wrong = [why for answer in load.answers if (why := _why_wrong(answer, of_version))]
    if expected[0] == expected[1]:
        wrong.append("both models answer alike: a mixture would not show")
    return Outcome(len(load.answers), tuple(load.errors + wrong))


def _why_wrong(answer: tuple[int, str, str], of_version: dict[str, str]) -> str | None:
    committed, version, predictions = answer
    if predictions != of_version.get(version):
        return f"mixed: {version} did not answer as its bundle does"
    if generation_of(version) < committed:
        return f"stale: {version} answered a request that began after generation {committed} was deployed"
    return None


def _two_models(root: Path) -> list[Path]:
    settings = load_settings(root)
    settings.make_directories()
    write_demo_plant(settings.plant_database_path, DemoOptions(items=ITEMS, seed=1), lambda *_: None)
    plant = PlantReader(settings).read_plant()
    days = plant.work_orders["finished_at"].drop_nulls().sort()
    middle = days[len(days) // 2]
    first = fit_model(plant, middle, FitOptions(family="nearest_neighbour", seed=0, threads=1))
    second, _ = first.refreshed(plant.work_orders.filter(pl.col("finished_at") > middle))
    folders = [root / "bundles" / name for name in ("first", "refreshed")]
    for folder, model in zip(folders, (first, second), strict=True):
        write_bundle(folder, model.to_parts(), toy_record())
    return folders


def _predictions(bundle: Path) -> str:
    """Return what a server must answer from a bundle, in the form of the API."""
    parts, record = read_bundle(bundle)
    answers = RoutingModel.from_parts(parts).predict([PredictionQuery(code) for code in CODES])
    answer = PredictResponse(predictions=tuple(answers), model_version="", data_cutoff=record.data_cutoff)
    return _text(answer.model_dump(mode="json")["predictions"])


def _text(predictions: Any) -> str:
    return json.dumps(predictions, sort_keys=True)


@contextmanager
def _clients(load: Load, port: int) -> Iterator[None]:
    threads = [threading.Thread(target=_ask_for_ever, args=(load, port)) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        load.ended.set()
        for thread in threads:
            thread.join()


def _ask_for_ever(load: Load, port: int) -> None:
    """Ask on a new connection each time, so that every process gets its share."""
    while not load.ended.is_set():
        committed = load.committed
        try:
            status, body = _ask(port)
        except (OSError, http.client.HTTPException) as error:
            load.errors.append(f"{type(error).__name__}: {error}")
            continue
        if status != HTTPStatus.OK:
            load.errors.append(f"status {status}: {body[:200]!r}")
            continue
        answer = json.loads(body)
        load.answers.append((committed, answer["model_version"], _text(answer["predictions"])))


def _ask(port: int) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)
    try:
        body = json.dumps({"item_codes": CODES})
        connection.request("POST", "/api/predict", body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


@contextmanager
def _server(root: Path, planted: bool) -> Iterator[int]:
    """Start a server of two processes; with the planted bug of one: a patch reaches no process started later."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    script = NEVER_LOOK_AGAIN if planted else SERVE
    command = [sys.executable, "-c", script, "serve", "--workers", str(WORKERS), "--port", str(port)]
    with (root / "server.log").open("wb") as log:
        server = subprocess.Popen(  # noqa: S603 - our own server
            command, cwd=SOURCE_ROOT, env=as_server(root), stdout=log, stderr=log, start_new_session=True
        )
        try:
            _wait_until_it_predicts(server, port, root / "server.log")
            yield port
        finally:
            server.terminate()
            try:
                server.wait(START_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(server.pid, signal.SIGKILL)
                server.wait()


def _wait_until_it_predicts(server: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and server.poll() is None:
        try:
            if _ask(port)[0] == HTTPStatus.OK:
                return
        except OSError:
            time.sleep(0.1)
    raise OSError(f"the server does not predict: {log.read_text(errors='replace')[-2000:]}")
