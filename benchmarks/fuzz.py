"""Requests that no client should send: no answer is a 5xx, and each is as the OpenAPI document says.

An installation of a demo plant with a trained model and one evaluation, in this process, behind no server: requests
are handed to the ASGI app as uvicorn would. They are drawn from the app's own OpenAPI document, each from its own seed
(`benchmarks/fuzz_requests.py`): values of the described form and of others, JSON that is none, numbers that are none,
half surrogate pairs, deep nesting, repeated keys, very long texts, odd headers, content types and methods, tricks with
paths. Most are sent as an admin, eight at a time; jobs are queued and not run. What is no problem document must have a
described status and content type, what is one must have its form. "Logged as errors" counts what the log calls an
error, an unhandled exception among it. `--requests 1000000` is the full length.
"""

import asyncio
import logging
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from fastapi import FastAPI
from pydantic import ValidationError

from backend.api.schemas.common import Problem
from backend.ml.model import RoutingModel
from backend.registry.store import ModelStore
from backend.settings import Settings
from benchmarks.fuzz_app import admin_key, app_of
from benchmarks.fuzz_requests import Request, Requests
from benchmarks.installation import as_training_job, fresh_installation, measure
from benchmarks.options import Options
from benchmarks.report import Bar, Cell, Report, Table
from benchmarks.running import protocol_of, run_alone
from benchmarks.soak import evaluate

ITEMS: Final = 200
SEED: Final = 1
REQUESTS: Final = 20_000
AT_A_TIME: Final = 8
ANSWER_SECONDS: Final = 60.0
PROBLEM: Final = "application/problem+json"
MOST_EXAMPLES: Final = 20


@dataclass
class Answer:
    """What the app sent."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    route: str = "(no route)"


@dataclass
class Found:
    """What came of all requests."""

    classes: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """By route: how many answers of each hundred."""
    failures: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    def note(self, number: int, request: Request, answer: Answer, why: str | None) -> None:
        """Count one answer, and why it is wrong."""
        self.classes[answer.route][f"{answer.status // 100}xx"] += 1
        if why is None:
            return
        self.failures[why] += 1
        if len(self.examples) < MOST_EXAMPLES:
            sent = f"{request.method} {request.target[:120]}"
            self.examples.append(f"{number}: {sent}: {answer.status} {why} {answer.body[:160]!r}")


class ErrorLog(logging.Handler):
    """Keeps what is logged as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one line."""
        self.said.append(f"{record.name}: {record.getMessage()}"[:300])


def run(options: Options) -> Report:
    """Make the installation, send the requests, and count."""
    items, seed = options.items or ITEMS, (options.seeds or (SEED,))[0]
    requests = options.requests or REQUESTS
    with fresh_installation(options, items, seed) as settings:
        measure("speed_training", [str(settings.root)], as_training_job(settings))
        evaluate(settings)
        log = ErrorLog()
        logging.getLogger().addHandler(log)
        begun = time.perf_counter()
        found = asyncio.run(fuzz(settings, requests, seed))
        seconds = time.perf_counter() - begun
    told = {"items": f"{items:,}", "seed": str(seed), "requests": f"{requests:,}"}
    bars = (*_bars(found, requests, seconds), Bar("logged as errors", len(log.said), at_most=0))
    notes = "; ".join([*found.examples, *log.said[:MOST_EXAMPLES]])
    return Report("Requests that nobody should send", protocol_of(__doc__), told, bars, (_table(found, notes),))


async def fuzz(settings: Settings, requests: int, seed: int) -> Found:
    """Send so many requests to the app of an installation."""
    app, found = app_of(settings.root), Found()
    services: Any = app.state.services
    services.access.peer_owner = lambda _peer, _own: 0  # no socket could say whose request it is
    async with app.router.lifespan_context(app):
        drawn = Requests(app.openapi(), seed, admin_key(settings.root), known_in(settings))
        numbers = iter(range(requests))
        await asyncio.gather(*(_send_all(app, drawn, numbers, found) for _ in range(AT_A_TIME)))
    return found


def known_in(settings: Settings) -> dict[str, list[str]]:
    """Return what exists, by the names of the parameters that take it."""
    store = ModelStore(settings)
    codes = list(RoutingModel.from_parts(store.load_active().parts).known_codes)[:20]
    versions = list(store.versions())
    cycles = [path.name.partition("_cycle_")[2].partition(".")[0] for path in settings.reports_dir.glob("*.md")]
    return {
        **dict.fromkeys(("item_code", "search"), codes),
        **dict.fromkeys(("version", "left", "right", "model_version"), versions),
        "cycle_id": [f"cycle_{one}" for one in cycles],
        "job_id": [path.name for path in settings.data_dir.glob("evaluation_jobs/job_*")],
        "etag": [],
    }


async def _send_all(app: FastAPI, drawn: Requests, numbers: Iterator[int], found: Found) -> None:
    judge = judge_of(app.openapi())
    for number in numbers:
        request = drawn.draw(number)
        answer, why = await send(app, request)
        found.note(number, request, answer, why or judge(request.method, answer))
        if "etag" in answer.headers:
            drawn.known["etag"].append(answer.headers["etag"])


async def send(app: FastAPI, request: Request) -> tuple[Answer, str | None]:
    """Hand a request to the app as a server would; return the answer, and what went wrong before there was one."""
    answer, pieces = Answer(), list(request.body)
    path, _, query = request.target.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "http",
        "root_path": "",
        "method": request.method,
        "path": unquote_to_bytes(path).decode("utf-8", "replace"),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": list(request.headers),
        "client": ("127.0.0.1", 50_000),
        "server": ("127.0.0.1", 8000),
    }

    async def receive() -> dict[str, Any]:
        if not pieces:
            await asyncio.sleep(0)
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}

    async def hear(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in message["headers"]}
        answer.body += message.get("body", b"")

    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            await app(scope, receive, hear)  # type: ignore[arg-type]
    except TimeoutError:
        return answer, f"no answer within {ANSWER_SECONDS:g} s"
    except Exception as error:  # noqa: BLE001 - any exception that leaves the app is what is looked for
        return answer, f"{type(error).__name__} left the app"
    finally:
        answer.route = str(getattr(scope.get("route"), "path", answer.route))
    return answer, None


def judge_of(document: dict[str, Any]) -> Callable[[str, Answer], str | None]:
    """Return what says why an answer is not one that the document describes, or None."""

    def judge(method: str, answer: Answer) -> str | None:
        kind = answer.headers.get("content-type", "").partition(";")[0]
        if not answer.status:
            return "no answer"
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return f"{answer.status}"
        if kind == PROBLEM:
            return _why_no_problem(method, answer)
        described = document["paths"].get(answer.route, {}).get(method.lower())
        if described is None:
            return None if answer.status < HTTPStatus.BAD_REQUEST else "a refusal that is no problem document"
        meant = described["responses"].get(str(answer.status))
        if meant is None:
            return "a status that is not described"
        return None if kind in meant.get("content", {"": None}) else f"content type {kind!r} is not described"

    return judge


def _why_no_problem(method: str, answer: Answer) -> str | None:
    if method == "HEAD" and not answer.body:
        return None
    try:
        told = Problem.model_validate_json(answer.body)
    except ValidationError:
        return "a problem document without its form"
    return None if told.status == answer.status else "a problem document of another status"


def _bars(found: Found, requests: int, seconds: float) -> tuple[Bar, ...]:
    server_errors = sum(counts["5xx"] for counts in found.classes.values())
    return (
        Bar("requests", requests),
        Bar("answers of 500 or more", server_errors, at_most=0),
        Bar("answers that the document does not describe, or none", sum(found.failures.values()), at_most=0),
        Bar("routes reached", sum(route.startswith("/") for route in found.classes)),
        Bar("time for them", seconds / 60, "minutes"),
    )


def _table(found: Found, notes: str) -> Table:
    classes = ("2xx", "3xx", "4xx", "5xx", "0xx")
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (route, *(counts[each] for each in classes), sum(counts.values()))
        for route, counts in sorted(found.classes.items())
    )
    return Table("Answers by route", ("route", *classes[:4], "none", "all"), rows, notes)


if __name__ == "__main__":
    sys.exit(run_alone(run, "fuzz"))
